"""The order of a run: in each round each database, on each its cells, so that a drift of the machine hits all alike."""

import os
import time
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pymysql
from tqdm import tqdm

from tests.benchmarks.bench import Bench
from tests.benchmarks.cells import CELLS, Cell
from tests.benchmarks.databases import database_at
from tests.benchmarks.databases.base import Database, beside
from tests.benchmarks.processes import Broken, NotThereYet
from tests.benchmarks.table import Outcome
from tests.run import MARIADB_URL, POSTGRES_URL

SERVERS = {"postgres": POSTGRES_URL, "mariadb": MARIADB_URL}
SAY_EVERY_SECONDS = 0.5
KINDS = ["sqlite", *SERVERS]


class Rounds:
    """Measures what the options ask for. What was measured stands in `outcomes`, also if a run is broken off."""

    def __init__(self, options: Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.databases = {kind: _database(kind, folder, "order_queue_bench") for kind in options.database}
        self.chosen = [cell for cell in CELLS if not options.only or cell.name in options.only]
        self.outcomes = [
            Outcome(cell, row, database.name)
            for cell in self.chosen
            for row in cell.rows
            for database in self.databases.values()
            if database.name in cell.databases
        ]
        self.versions: dict[str, str] = {}
        self.said_at = 0.0

    def run(self) -> None:
        with ExitStack() as stack, tqdm(total=self._steps(), unit="cell", smoothing=0) as bar:
            self.bar = bar
            benches = [bench for kind in self.databases if (bench := self._enter(kind, stack))]
            for number in range(self.options.rounds):
                for bench in benches:
                    self._run_round(bench, number)

    def _run_round(self, bench: Bench, number: int) -> None:
        bench.round = number
        for cell in self._cells(bench.database, number):
            self._measure(bench, cell)
            self.bar.update()

    def _say(self, words: str) -> None:
        """Beside the bar, at most twice a second: the terminal is not to cost what is measured anything."""
        if time.monotonic() - self.said_at > SAY_EVERY_SECONDS:
            self.said_at = time.monotonic()
            self.bar.set_postfix_str(words)

    def _steps(self) -> int:
        return sum(
            len(self._cells(database, number))
            for database in self.databases.values()
            for number in range(self.options.rounds)
        )

    def _cells(self, database: Database, number: int) -> list[Cell]:
        return [cell for cell in self.chosen if database.name in cell.databases and not (cell.once and number)]

    def _enter(self, kind: str, stack: ExitStack) -> Bench | None:
        """The database made ready; None if no server lets us in."""
        database, old = self.databases[kind], _database(kind, self.folder, "order_queue_bench_old")
        bench = Bench(database, old, environment(self.folder), self.folder, self.options.scale, self._say)
        self.bar.set_description(f"{database.name}: tables")
        try:
            stack.enter_context(bench)
        except (psycopg.OperationalError, pymysql.OperationalError) as error:
            self._note(self._rows(database), f"can't be had: {error}")
            return None
        except Broken as error:
            self._note(self._rows(database), f"FAILED: {error}")
            return None
        self.versions[database.name] = database.version()
        return bench

    def _measure(self, bench: Bench, cell: Cell) -> None:
        self.bar.set_description(f"round {bench.round + 1}, {bench.database.name}: {cell.name}")
        rows = self._rows(bench.database, cell)
        try:
            for outcome, pair in zip(rows, cell.measure(bench), strict=True):
                outcome.pairs.append(pair)
        except NotThereYet as missing:
            self._note(rows, f"not there yet: {missing}")
        except (Broken, psycopg.Error, pymysql.Error) as error:
            self._note(rows, f"FAILED: {error}")

    def _rows(self, database: Database, cell: Cell | None = None) -> list[Outcome]:
        ours = (outcome for outcome in self.outcomes if outcome.database == database.name)
        return [outcome for outcome in ours if cell is None or outcome.cell is cell]

    def _note(self, outcomes: list[Outcome], problem: str) -> None:
        for outcome in outcomes:
            outcome.problem = problem


def environment(folder: Path) -> dict[str, str]:
    """For the shop's processes: nothing of the developer's .env or data."""
    return os.environ | {
        "ENV_FILE": os.devnull,
        "ENVIRONMENT": "development",
        "SECRET_KEY": "for-benchmarks-only-" * 3,
        "DEBUG": "off",
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.ours.settings",
    }


def _database(kind: str, folder: Path, name: str) -> Database:
    """One that nobody else has: on a server its name ends with this process's number. It does not exist yet."""
    if kind == "sqlite":
        return database_at(f"sqlite:///{folder}/{name}.sqlite3")
    return database_at(beside(SERVERS[kind], f"{name}_{os.getpid()}"))
