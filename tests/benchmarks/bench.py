"""One database in one run: the two sides in it, and the measurements that the cells are made of."""

import math
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.benchmarks.counting import FOLDER, Counts
from tests.benchmarks.databases.base import Database
from tests.benchmarks.draining import Drain, fresh
from tests.benchmarks.ours.side import Ours
from tests.benchmarks.plain.side import Plain, SameTable
from tests.benchmarks.processes import Tree, running
from tests.benchmarks.sides import Side

IDLE_SECONDS = 8
Measure = Callable[[], float]
Pair = tuple[float, float | None]


@dataclass
class PickUp:
    """How long sent jobs waited for an idle worker, and what the worker used while nothing was sent."""

    waits_ms: list[float]
    idle_percent: float

    def quantile(self, share: float) -> float:
        return sorted(self.waits_ms)[math.ceil(share * len(self.waits_ms)) - 1]

    @property
    def median(self) -> float:
        return statistics.median(self.waits_ms)


class Bench:
    """The database is made on entering and dropped on leaving."""

    def __init__(
        self,
        database: Database,
        old: Database,
        environment: dict[str, str],
        folder: Path,
        scale: float,
        say: Callable[[str], None],
    ) -> None:
        self.database, self.old_database, self.environment, self.folder = database, old, environment, folder
        self.scale, self.say = scale, say
        self.round = 0

    def __enter__(self) -> "Bench":
        with ExitStack() as stack:
            self.ours, self.plain = self._create(self.database, stack)
            self.same_table = SameTable(self.database, self.environment)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def _create(self, database: Database, stack: ExitStack) -> tuple[Ours, Plain]:
        """Both sides in a new database, which goes with the stack."""
        database.create()
        stack.callback(database.drop)
        ours, plain = Ours(database, self.environment), Plain(database, self.environment)
        plain.create()
        ours.create()
        return ours, plain

    @cached_property
    def old(self) -> Ours:
        """Our side in a second database, where a million finished and a million future rows lie."""
        self.say("the old table")
        ours, _ = self._create(self.old_database, self.stack)
        ours.clear()
        ours.age(finished=self.jobs(1_000_000), future=self.jobs(1_000_000))
        return ours

    def jobs(self, full: int) -> int:
        return max(200, int(full * self.scale))

    def samples(self, full: int) -> int:
        return max(40, int(full * self.scale))

    def pair(self, ours: Measure, against: Measure) -> Pair:
        """Both in this round, one after the other; who is first changes with the rounds."""
        if self.round % 2:
            second = against()
            return ours(), second
        return ours(), against()

    def both(self, measure: Callable[[Side], float]) -> Pair:
        """Our side against the plain one."""
        return self.pair(lambda: measure(self.ours), lambda: measure(self.plain))

    def drain(self, side: Side, jobs: int, *, batch: int = 100, workers: int = 1, task: str = "empty") -> float:
        """Jobs per second."""
        side.fill(jobs, task)
        return self.run_down(side, jobs, batch=batch, workers=workers, task=task)

    def run_down(self, side: Side, jobs: int, *, batch: int = 100, workers: int = 1, task: str = "empty") -> float:
        """The same, of rows that are there."""
        with Drain(side, [side.worker(batch, task)] * workers, jobs, self.folder, self.say) as drain:
            return drain.rate()

    def pick_up(self, side: Ours, jobs: int) -> PickUp:
        """On an idle worker that goes on for ever."""
        counters = fresh(self.folder / "counters")
        environment = side.environment | {FOLDER: str(counters)}
        with running([side.waiting_worker()], environment, self.folder / "workers.log") as workers:
            side.wake(counters)
            time.sleep(1)
            self.say("idle")
            used = _idle_percent(Tree(workers), min(IDLE_SECONDS, jobs / 10))
            self.say(f"{jobs} jobs, one at a time")
            side.pick_up(jobs, counters)
        return PickUp(Counts(counters).waits_ms(), used)


def _idle_percent(tree: Tree, seconds: float) -> float:
    """Percent of one core."""
    before, started = tree.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    return 100 * (tree.cpu_seconds() - before) / (time.monotonic() - started)
