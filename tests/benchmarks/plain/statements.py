"""The baseline: a queue of the least columns and one index, driven by plain SQL with the same driver as ours.

A claim of N rows is one commit, their completion another. Status: 0 ready, 2 claimed, 1 done.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from tests.benchmarks.databases.base import Database
from tests.benchmarks.jobs import WRITE_EFFECT

Row = tuple[int, dict[str, Any]]
COLUMNS = """
    id {key},
    queue varchar(64) NOT NULL DEFAULT 'default',
    priority smallint NOT NULL DEFAULT 0,
    status smallint NOT NULL DEFAULT 0,
    attempts smallint NOT NULL DEFAULT 0,
    payload {json} NOT NULL,
    available_at {moment} NOT NULL DEFAULT {now},
    created_at {moment} NOT NULL DEFAULT {now},
    taken_at {moment},
    done_at {moment}
"""
CLAIM = "UPDATE plain_queue SET status = 2, attempts = attempts + 1, taken_at = {now} WHERE id"
COMPLETE = "UPDATE plain_queue SET status = 1, done_at = {now} WHERE id"
READY = (
    "SELECT {columns} FROM plain_queue WHERE status = 0 AND available_at <= {now} ORDER BY priority, id LIMIT {batch}"
)


class PlainQueue(ABC):
    """The statements of a worker that claims `batch` rows at once, on a connection in autocommit mode."""

    now: str
    types: dict[str, str]
    index = "CREATE INDEX plain_queue_ready ON plain_queue (priority, id) WHERE status = 0"
    begin = "BEGIN"

    def __init__(self, database: Database, batch: int) -> None:
        self.database = database
        self.cursor = database.connect().cursor()
        self.claim_where, self.complete_where = CLAIM.format(now=self.now), COMPLETE.format(now=self.now)
        self.ready_keys = READY.format(columns="id", now=self.now, batch=batch)
        self.ready_rows = READY.format(columns="id, payload", now=self.now, batch=batch)

    def create(self) -> None:
        types = {"now": self.now, **self.types}
        self.execute(f"CREATE TABLE plain_queue ({COLUMNS.format(**types)})")
        self.execute(self.index)
        self.execute(
            f"CREATE TABLE bench_effect (id {types['key']}, order_id bigint NOT NULL, note varchar(64) NOT NULL)"
        )

    def execute(self, statement: str, values: Sequence[object] = ()) -> Any:
        self.cursor.execute(self.database.spelt(statement), values)
        return self.cursor

    @abstractmethod
    def claim(self) -> list[Row]:
        """The next rows, with their payloads read; none if the queue is empty."""

    @abstractmethod
    def complete(self, keys: Sequence[int]) -> None: ...

    def complete_with_effect(self, key: int, job: dict[str, Any]) -> None:
        """One row written and the job completed, in one transaction."""
        self.execute(self.begin)
        self.execute(WRITE_EFFECT, [job["order"], job["note"]])
        self.execute(f"{self.complete_where} = %s", [key])
        self.execute("COMMIT")
