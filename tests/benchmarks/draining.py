"""One drain: a table full of ready rows, real worker processes, and how fast the rows become done."""

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.counting import FOLDER, Counts
from tests.benchmarks.processes import LAST_LINES, Broken, Tree, running
from tests.benchmarks.sides import Command, Side

TICK_SECONDS = 0.004
PATIENCE_SECONDS = 60  # without any progress


class Drain:
    """Runs the commands while the block lasts. Raises Broken if they end, stall, or perform a row twice."""

    def __init__(
        self, side: Side, commands: list[Command], jobs: int, folder: Path, say: Callable[[str], None]
    ) -> None:
        self.side, self.commands, self.jobs, self.folder, self.say = side, commands, jobs, folder, say
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        counters = fresh(self.folder / "counters")
        self.counts, self.log = Counts(counters), self.folder / "workers.log"
        environment = self.side.environment | {FOLDER: str(counters)}
        self.processes = self.stack.enter_context(running(self.commands, environment, self.log))
        self.tree = Tree(self.processes)
        self.moved_at, self.moved_to = time.monotonic(), 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def rate(self) -> float:
        """Jobs per second, from when a tenth is performed, and each worker is at it, until the table says all done."""
        began_with, began = self.until(self.jobs // 10, at_work=len(self.commands))
        self.until(self.jobs)
        while self.side.has_unfinished():
            self._look(self.jobs)
        ended = time.monotonic()
        self.verify()
        return (self.jobs - began_with) / (ended - began)

    def until(self, jobs: int, at_work: int = 1) -> tuple[int, float]:
        """Waits until so many are performed, by so many processes; returns how many are, and the moment."""
        while True:
            performed = self.counts.performed()
            if sum(performed) >= jobs and len(performed) >= at_work:
                return sum(performed), time.monotonic()
            self._look(sum(performed))
            time.sleep(TICK_SECONDS)

    def verify(self) -> None:
        performed, done = sum(self.counts.performed()), self.side.done()
        if (performed, done) != (self.jobs, self.jobs):
            raise Broken(f"of {self.jobs} jobs {performed} were performed, and {done} are done")

    def _look(self, performed: int) -> None:
        if performed >= self.jobs and len(self.counts.files) < len(self.commands):
            raise Broken("one worker had nothing left to do before another was up: too few jobs for this machine")
        now = time.monotonic()
        if performed != self.moved_to:
            self.moved_at, self.moved_to = now, performed
            self.say(f"{performed:,} of {self.jobs:,} jobs")
        if all(process.poll() is not None for process in self.processes) and sum(self.counts.performed()) < self.jobs:
            raise Broken(f"the worker ended at {performed} of {self.jobs} jobs\n{self._last_words()}")
        if now - self.moved_at > PATIENCE_SECONDS:
            raise Broken(f"no job for {PATIENCE_SECONDS} s, at {performed} of {self.jobs}\n{self._last_words()}")

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])


def fresh(folder: Path) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
