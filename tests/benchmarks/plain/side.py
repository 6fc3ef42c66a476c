"""The plain side: the table `plain_queue` and a worker of two statements."""

# ruff: noqa: S608 (the statements are put together from constants)

import json
import sys

from tests.benchmarks.jobs import payload
from tests.benchmarks.ours.side import Ours
from tests.benchmarks.plain.dialects import plain_queue
from tests.benchmarks.processes import run
from tests.benchmarks.sides import Command, Side


class Plain(Side):
    table = "plain_queue"

    def create(self) -> None:
        plain_queue(self.database).create()

    def _insert(self, rows: int, task: str) -> None:
        self.database.run(
            f"INSERT INTO plain_queue (payload) SELECT {self._cast('%s')} FROM {self.database.series(rows)}",
            [json.dumps(payload(1))],
        )

    def _cast(self, mark: str) -> str:
        return f"CAST({mark} AS jsonb)" if self.database.name == "PostgreSQL" else mark

    def worker(self, batch: int, task: str = "empty") -> Command:
        return [sys.executable, "-m", "tests.benchmarks.plain.worker", str(batch), task]

    def produce(self, how: str, jobs: int) -> float:
        return self._produce(how, jobs, wide=True)

    def produce_narrow(self, how: str, jobs: int) -> float:
        return self._produce(how, jobs, wide=False)

    def _produce(self, how: str, jobs: int, *, wide: bool) -> float:
        self.clear()
        self.database.clear("order_queue")
        command = [sys.executable, "-m", "tests.benchmarks.plain.producer", how, str(jobs), str(int(wide))]
        return float(json.loads(run(command, self.environment)))


class SameTable(Ours):
    """Our rows in our table, performed by plain SQL."""

    def worker(self, batch: int, task: str = "write_row") -> Command:
        return [sys.executable, "-m", "tests.benchmarks.plain.worker", str(batch), "same_table"]
