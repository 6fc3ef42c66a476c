"""The transaction in which an atomic task runs."""

from types import TracebackType
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.transaction import Atomic

from queue_table.exceptions import LostClaim
from queue_table.preparing import kept_cursor
from queue_table.vendors import completion

BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN", "mysql": "START TRANSACTION"}


class JobTransaction(Atomic):
    """`transaction.atomic()`; if no other is around it, and all goes well, by a plain BEGIN and COMMIT.

    Django's own turns the driver's autocommit off and on again for them: on MariaDB these are two more round trips, on
    SQLite four times the work.
    """

    def __init__(self) -> None:
        super().__init__(DEFAULT_DB_ALIAS, savepoint=True, durable=False)
        self.connection = connections[DEFAULT_DB_ALIAS]

    def complete(self, key: int, token: UUID) -> None:
        """2 -> 1, by a statement of its own cursor. Raises LostClaim if another hand has the row."""
        connection = self.connection
        if connection.connection is None:  # closed by the task
            connection.ensure_connection()
        self.cursor.execute(completion(connection.vendor, "id = %s"), (key, token.hex))
        if not self.cursor.rowcount:
            raise LostClaim(f"job {key} is no longer ours")

    def __enter__(self) -> "JobTransaction":  # type: ignore[override]  # Django's returns nothing
        connection = self.connection
        self.cursor = kept_cursor(connection)
        self.is_plain = connection.autocommit and not connection.in_atomic_block
        if self.is_plain:
            self.cursor.execute(BEGIN[connection.vendor])
            connection.commit_on_exit, connection.needs_rollback = True, False
            connection.autocommit, connection.in_atomic_block = False, True
            connection.atomic_blocks.append(self)
        else:
            super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = kind or self.connection.needs_rollback or self.connection.closed_in_transaction
        if failed or not self.is_plain:
            super().__exit__(kind, error, trace)
        else:
            self._commit()

    def _commit(self) -> None:
        connection = self.connection
        try:
            self.cursor.execute("COMMIT")
        except DatabaseError as refused:
            super().__exit__(type(refused), refused, refused.__traceback__)
            raise
        connection.atomic_blocks.pop()
        connection.in_atomic_block, connection.autocommit = False, True
        if connection.run_on_commit:
            connection.run_and_clear_commit_hooks()
