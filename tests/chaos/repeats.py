"""Why a job may run again: its process was struck while it had the job in its hands. Nothing else is a reason."""

from collections import Counter
from collections.abc import Iterable, Sequence

from queue_table.models import Job
from tests.chaos.crew import Strike
from tests.chaos.ledger import Run
from tests.chaos.tasks import raising_once

UNSETTLED = 5.0  # seconds: what ended this long before is settled, however busy the machine is
AWAKENED = 5.0  # and so long may a process that was woken take to come to its senses

Thread = tuple[int, int]


class Reasons:
    """Each strike explains only what it can have caused."""

    def __init__(self, runs: Iterable[Run], strikes: Sequence[Strike]) -> None:
        self.strikes = strikes
        self.last = {(run.process, run.thread): run for run in runs}  # that each thread began
        self.begun_late: Counter[tuple[int, Thread]] = Counter()  # by a thread after a strike had frozen it

    def explain(self, job: Job, earlier: Run, later: Run) -> bool:
        if earlier.ending == "raised" and job.task == raising_once.module_path and earlier.attempt == 1:
            return True
        return any(self._interrupted(strike, earlier, later) for strike in self.strikes) or any(
            self._begins_late(number, strike, later) for number, strike in enumerate(self.strikes)
        )

    def _interrupted(self, strike: Strike, earlier: Run, later: Run) -> bool:
        """The earlier run was cut off, or what it had performed was not settled yet."""
        if not strike.hit(earlier.process, earlier.group) or strike.at > later.begun:
            return False
        if strike.is_deadly and not self._is_parent_struck(strike, earlier, later):
            return earlier is self.last[earlier.process, earlier.thread]  # its parent settles all that came before
        unsettled = not earlier.ended or earlier.ended >= strike.at - UNSETTLED
        return unsettled and earlier.begun <= strike.over + AWAKENED

    def _is_parent_struck(self, strike: Strike, earlier: Run, later: Run) -> bool:
        parent = earlier.group
        blows = (other for other in self.strikes if other.hit(parent, parent))
        return any(other.at <= later.begun and other.over >= strike.at for other in blows)

    def _begins_late(self, number: int, strike: Strike, later: Run) -> bool:
        """A frozen worker may begin one row that is no longer its own: it had looked, and then was frozen."""
        if strike.is_deadly or not strike.hit(later.process, later.group):
            return False
        if not strike.at <= later.begun <= strike.over + AWAKENED:
            return False
        self.begun_late[number, (later.process, later.thread)] += 1
        return self.begun_late[number, (later.process, later.thread)] == 1
