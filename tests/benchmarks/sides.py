"""What both sides of a comparison have in common, as the harness fills, starts and watches them."""

# ruff: noqa: S608 (the statements are put together from constants)

from abc import ABC, abstractmethod

from tests.benchmarks.databases.base import Database

LOOK_BACK = 5000  # rows: far more than workers have in hand at once
Command = list[str]


class Side(ABC):
    """One side's table in one database."""

    table: str

    def __init__(self, database: Database, environment: dict[str, str]) -> None:
        self.database, self.environment = database, environment | {"DATABASE_URL": database.url}
        self.before = self.newest = 0  # ids around the rows that were added last

    def fill(self, rows: int, task: str = "empty") -> None:
        """Ready rows into a table that holds nothing else."""
        self.clear()
        self.add(rows, task)
        self.settle()

    def clear(self) -> None:
        self.database.clear(self.table)
        self.database.clear("bench_effect")

    def settle(self) -> None:
        self.database.settle(self.table)

    def add(self, rows: int, task: str = "empty") -> None:
        self.before = self._newest()
        self._insert(rows, task)
        self.newest = self._newest()

    def _newest(self) -> int:
        return int(self.database.run(f"SELECT max(id) FROM {self.table}")[0][0] or 0)

    def has_unfinished(self) -> bool:
        """Whether one of the newest rows that were added is not done yet; the others are done before them."""
        return self._count("id > %s AND id <= %s AND status <> 1", max(self.before, self.newest - LOOK_BACK)) > 0

    def done(self) -> int:
        """Of the rows that were added last."""
        return self._count("id > %s AND id <= %s AND status = 1", self.before)

    def _count(self, condition: str, after: int) -> int:
        return int(
            self.database.run(f"SELECT count(*) FROM {self.table} WHERE {condition}", [after, self.newest])[0][0]
        )

    @abstractmethod
    def _insert(self, rows: int, task: str) -> None: ...

    @abstractmethod
    def worker(self, batch: int, task: str = "empty") -> Command:
        """A worker that ends when nothing is ready."""

    @abstractmethod
    def produce(self, how: str, jobs: int) -> float:
        """The seconds of enqueueing so many jobs, `one` by one or `many` at once."""
