"""Waking idle workers without making busy ones pay.

PostgreSQL: NOTIFY, after the commit, from each process at most once in RING_SECONDS, because it takes a lock that all
commits share. A worker looks again by itself for longer than that after its last job, so no ring is missed. SQLite and
MariaDB have no bell; there a worker asks for something that changes with every commit, or every new row.
"""

import time
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from queue_table.preparing import kept_cursor

CHANNEL = "order_queue"
RING_SECONDS = 0.02
LOOK_AGAIN_SECONDS = 0.0025
LOOK_SECONDS = {"sqlite": 0.02, "mysql": 0.034}
CHANGE = {"sqlite": "PRAGMA data_version", "mysql": "SELECT max(id) FROM order_queue"}
_rung = {DEFAULT_DB_ALIAS: 0.0}


def ring() -> None:
    """Tells idle workers, once the transaction has committed, that there is something to claim. Never fails."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        transaction.on_commit(_notify, robust=True)


def _notify() -> None:
    now = time.monotonic()
    if now - _rung[DEFAULT_DB_ALIAS] >= RING_SECONDS:
        _rung[DEFAULT_DB_ALIAS] = now
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class Listener:
    """One worker's ear, on a connection of its own or its worker's."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection, self.looks, self.seen = connection, 0, None
        self.listening: Any = None

    def worked(self) -> None:
        """There was a job: the next ones may come without a ring."""
        self.looks = 0

    def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or earlier when there may be something to claim."""
        if self.connection.vendor == "postgresql":
            self._hear(seconds)
        else:
            self._watch(seconds)

    def _hear(self, seconds: float) -> None:
        self.looks += 1
        if self.looks * LOOK_AGAIN_SECONDS < 1.5 * RING_SECONDS:  # what comes this early may not ring
            time.sleep(min(LOOK_AGAIN_SECONDS, seconds))
            return
        self.connection.ensure_connection()
        if self.listening is not self.connection.connection:
            with self.connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self.listening = self.connection.connection
            return  # what came before LISTEN rang for nobody here: look once more
        with self.connection.wrap_database_errors:  # so that a cut connection is one that its worker recovers from
            for _ in self.connection.connection.notifies(timeout=seconds, stop_after=1):
                self.looks = 0

    def _watch(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(LOOK_SECONDS[self.connection.vendor], left))
            cursor = kept_cursor(self.connection, rows=True)
            cursor.execute(CHANGE[self.connection.vendor])
            [(seen,)] = cursor.fetchall()
            if seen != self.seen:
                self.seen = seen
                return
