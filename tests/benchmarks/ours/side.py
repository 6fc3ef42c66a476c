"""Our side: the table `order_queue`, the shop's own command and the shop's own calls."""

# ruff: noqa: S608 (the statements are put together from constants)

import json
import re
import sys
from functools import cached_property
from pathlib import Path

from tests.benchmarks.counting import FOLDER
from tests.benchmarks.processes import NotThereYet, run
from tests.benchmarks.sides import Command, Side

WORKER = [sys.executable, "manage.py", "process_order_queue"]


class Ours(Side):
    table = "order_queue"

    def create(self) -> None:
        """The shop's tables, and one row of each measured task to copy."""
        run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], self.environment)
        run([sys.executable, "-m", "tests.benchmarks.ours.producer", "templates", "1"], self.environment)
        self.database.run("CREATE TABLE bench_template AS SELECT * FROM order_queue")

    def _insert(self, rows: int, task: str) -> None:
        self.copy(rows, task, {})

    def copy(self, rows: int, task: str, changes: dict[str, str]) -> None:
        """So many rows as the queue itself wrote one, but for the columns in `changes`, which are SQL."""
        columns = [name for name in self.database.columns("order_queue") if name != "id"]
        values = ", ".join(changes.get(name, name) for name in columns)
        self.database.run(
            f"INSERT INTO order_queue ({', '.join(columns)}) SELECT {values}"
            f" FROM bench_template, {self.database.series(rows)} WHERE task = %s",
            [f"tests.benchmarks.ours.tasks.{task}"],
        )

    def age(self, finished: int, future: int) -> None:
        """What lies in the table of a shop that has been open for long."""
        now, later = self.database.now, self.database.in_a_month
        self.copy(finished, "empty", {"status": "1", "attempts": "1", "finished_at": now})
        self.copy(future, "empty", {"stage": "1", "available_at": later})
        self.settle()

    def worker(self, batch: int, task: str = "empty") -> Command:
        return [*WORKER, "--max-seconds", "3600", "--batch-size", str(batch)]

    def waiting_worker(self) -> Command:
        """A worker that goes on when nothing is ready."""
        if "--forever" not in self.options:
            raise NotThereYet("process_order_queue --forever")
        return [*WORKER, "--forever"]

    @cached_property
    def options(self) -> set[str]:
        return set(re.findall(r"--[a-z-]+", run([*WORKER, "--help"], self.environment)))

    def produce(self, how: str, jobs: int) -> float:
        self.clear()
        return float(json.loads(self._produce(how, jobs)))

    def wake(self, counters: Path) -> None:
        """Returns when a worker has performed a job."""
        self._produce("wake", 1, counters)

    def pick_up(self, jobs: int, counters: Path) -> None:
        """Sends jobs one by one to the worker, which has nothing else to do."""
        self._produce("pick_up", jobs, counters)

    def _produce(self, how: str, jobs: int, counters: Path | None = None) -> str:
        environment = self.environment | ({FOLDER: str(counters)} if counters else {})
        return run([sys.executable, "-m", "tests.benchmarks.ours.producer", how, str(jobs)], environment)
