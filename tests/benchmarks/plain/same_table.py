"""A worker of plain SQL on our own table `order_queue`: our worker's statements, by the driver, and nothing else."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from queue_table.vendors import CLAIM, NOW, TAKE, UPDATE, completion, keyed, later
from tests.benchmarks.databases.base import Database
from tests.benchmarks.jobs import WRITE_EFFECT
from tests.benchmarks.plain.dialects import plain_queue
from tests.benchmarks.plain.statements import Row

VENDORS = {"SQLite": "sqlite", "PostgreSQL": "postgresql", "MariaDB": "mysql"}
LEASE_SECONDS = 300
QUEUE, WORKER = "default", "plain"


class SameTable:
    """Claims `batch` rows under a token, and completes each by it in a transaction of its own."""

    def __init__(self, database: Database, batch: int) -> None:
        self.vendor, plain = VENDORS[database.name], plain_queue(database, batch)
        self.execute, self.begin = plain.execute, plain.begin
        constants = {"now": NOW[self.vendor], "later": later(self.vendor, LEASE_SECONDS), "update": UPDATE[self.vendor]}
        self.claiming = CLAIM[self.vendor].format(further="", limit=batch, **constants)
        self.taking, self.completing = TAKE.format(**constants), completion(self.vendor, "id = %s")

    def claim(self) -> list[Row]:
        self.token = uuid4().hex
        rows = self._lock_and_take() if self.vendor == "mysql" else self._claim_at_once()
        return [(row[0], (row[2] if isinstance(row[2], dict) else json.loads(row[2]))["args"][0]) for row in rows]

    def _claim_at_once(self) -> Sequence[Any]:
        owner = [self.token, WORKER]
        values = [*owner, QUEUE] if self.vendor == "sqlite" else [QUEUE, *owner]
        rows: Sequence[Any] = self.execute(self.claiming, values).fetchall()
        return rows

    def _lock_and_take(self) -> Sequence[Any]:
        self.execute(self.begin)
        rows: Sequence[Any] = self.execute(self.claiming, [QUEUE]).fetchall()
        if rows:
            these, keys = keyed(self.vendor, [row[0] for row in rows])
            self.execute(self.taking + these, [self.token, WORKER, *keys])
        self.execute("COMMIT")
        return rows

    def complete_with_effect(self, key: int, job: dict[str, Any]) -> None:
        """One row written and the job completed, in one transaction."""
        self.execute(self.begin)
        self.execute(WRITE_EFFECT, [job["order"], job["note"]])
        if self.execute(self.completing, [key, self.token]).rowcount != 1:
            raise SystemExit(f"job {key} is no longer ours")
        self.execute("COMMIT")
