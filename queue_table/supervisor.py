"""The parent of the workers: it performs nothing, so whatever a job does to its process, somebody is left to settle it.

Each child is a fork with its slots in shared memory. The parent renews the leases of what they hold, ends a child whose
job takes too long or too much memory, and when a child dies settles its claims by what the slots say.
"""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import wait

from django.conf import settings
from django.db import connection, connections

from queue_table.aftermath import settle_claim
from queue_table.child import work
from queue_table.models import Job
from queue_table.outcomes import Outcome, Report
from queue_table.procfs import is_stopped, resident_megabytes
from queue_table.slots import DATABASE_AWAY, ENDING, FINISHED, STEP, SURE_UNTIL, TIMEOUT, TOKEN, Slot, shared_slots
from queue_table.worker import DATABASE_ERRORS

logger = logging.getLogger(__name__)
WATCH_SECONDS = 0.2
FORK = multiprocessing.get_context("fork")  # quick, and the child has loaded everything already
EARLY_SECONDS, EARLY_DEATHS = 2.0, 5


class CannotWork(Exception):
    """The children die before they begin: the log says of what."""


class DatabaseAway(Exception):
    """A child lost the database; the next run goes on where it can."""


@dataclass
class Child:
    process: "multiprocessing.process.BaseProcess"
    slots: Sequence[Slot]
    started: float
    claimed_before: int
    seen: dict[int, tuple[tuple[int, ...], float]] = field(default_factory=dict)  # slot: what was in hand, since when
    reason: str = ""  # why the parent ended it
    culprits: set[int] = field(default_factory=set)  # slots whose job was the reason

    def overdue(self, now: float) -> list[int]:
        """The slots whose job has taken longer than its time-out."""
        late = []
        for number, slot in enumerate(self.slots):
            hand = (slot.words[STEP], *slot.words[TOKEN])
            before, since = self.seen.get(number, ((), now))
            self.seen[number] = (hand, since if hand == before else now)
            if hand == before and slot.in_hand is not None and now - since > slot.reals[TIMEOUT]:
                late.append(number)
        return late


class Supervisor:
    """Runs `processes` children with `threads` workers each, until all have ended or `stop` was called."""

    def __init__(
        self,
        *,
        queues: Sequence[str] = (),
        batch_size: int = 10,
        max_seconds: float = float("inf"),
        forever: bool = False,
        processes: int = 1,
        threads: int = 1,
        grace_seconds: float = 20.0,
        on_progress: Callable[[int], object] = lambda count: None,
    ) -> None:
        self.options = {"queues": queues, "batch_size": batch_size, "forever": forever}
        self.max_seconds, self.forever, self.threads = max_seconds, forever, threads
        self.grace_seconds, self.on_progress = grace_seconds, on_progress
        self.slots = shared_slots(processes * threads)
        self.children: list[Child] = []
        self.stopping = self.database_away = False
        self.kill_at = float("inf")
        self.early_deaths = 0

    def stop(self) -> None:
        """Lets each child finish the jobs in hand, for at most the grace time; all the rest is given back."""
        self.stopping = True

    def run(self) -> Report:
        self.started = self.renewed = time.monotonic()
        for number in range(0, len(self.slots), self.threads):
            self._start(self.slots[number : number + self.threads])
        try:
            while self.children:
                self._watch()
        finally:
            self._end_unwatched()
        if self.database_away:
            raise DatabaseAway
        return self._report()

    def _start(self, slots: Sequence[Slot]) -> None:
        connections.close_all()  # a connection must not be in two processes
        slots[0].words[ENDING] = 0
        seconds = self.max_seconds - (time.monotonic() - self.started)
        options = self.options | {"max_seconds": seconds, "parent": os.getpid()}
        process = FORK.Process(target=work, args=(slots, options), daemon=False)
        # A child that is told to stop before it listens would not hear it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self.children.append(Child(process, slots, time.monotonic(), _claimed(slots)))

    def _watch(self) -> None:
        wait([child.process.sentinel for child in self.children], timeout=WATCH_SECONDS)
        now = time.monotonic()
        for child in list(self.children):
            if child.process.exitcode is not None:
                self._bury(child)
            else:
                self._end_if_out_of_bounds(child, now)
        self._stop_children(now)
        self._renew_leases(now)
        self.on_progress(sum(sum(slot.outcomes().values()) for slot in self.slots))

    def _end_if_out_of_bounds(self, child: Child, now: float) -> None:
        if late := child.overdue(now):
            child.reason, child.culprits = f"took longer than {child.slots[late[0]].reals[TIMEOUT]:g} s", set(late)
        elif (used := resident_megabytes(child.process.pid)) > settings.QUEUE_MEMORY_MB:
            child.reason, child.culprits = f"its process used {used} MB of memory", set(range(len(child.slots)))
        if child.reason:
            child.process.kill()

    def _stop_children(self, now: float) -> None:
        if not self.stopping:
            return
        if self.kill_at == float("inf"):
            self.kill_at = now + self.grace_seconds
            for child in self.children:
                child.process.terminate()
        elif now >= self.kill_at:
            for child in self.children:
                child.reason = child.reason or "the worker was stopped, and its grace time was over"
                child.process.kill()

    def _bury(self, child: Child) -> None:
        child.process.join()
        self.children.remove(child)
        ending, over = child.slots[0].words[ENDING], self.stopping or self._is_over()
        if ending != FINISHED:
            self._settle(child, child.reason or _last_words(child.process.exitcode))
        if ending == DATABASE_AWAY:
            self.database_away = True
        elif not over and (self.forever or ending != FINISHED):
            self._replace(child)

    def _is_over(self) -> bool:
        return time.monotonic() - self.started >= self.max_seconds

    def _settle(self, child: Child, reason: str) -> None:
        stopped = self.stopping and not child.culprits and child.reason != ""
        for number, slot in enumerate(child.slots):
            counted = not stopped and (not child.culprits or number in child.culprits)
            try:
                settle_claim(slot, reason, counted=counted)
            except DATABASE_ERRORS as error:
                logger.warning("the rows of a dead worker wait for the end of their lease: %s", error)
                connection.close()
                slot.release()  # or they would be renewed as those of its successor

    def _replace(self, child: Child) -> None:
        early = time.monotonic() - child.started < EARLY_SECONDS and child.claimed_before == _claimed(child.slots)
        self.early_deaths = self.early_deaths + 1 if early else 0
        if self.early_deaths >= EARLY_DEATHS:
            raise CannotWork(f"{self.early_deaths} workers in a row died before they claimed anything")
        if early:
            time.sleep(0.1 * 2**self.early_deaths)
        self._start(child.slots)

    def _renew_leases(self, now: float) -> None:
        lease = timedelta(seconds=settings.QUEUE_LEASE_SECONDS)
        if now - self.renewed < lease.total_seconds() / 4:
            return
        self.renewed = now
        # Not for a child that is frozen: its rows are better off with another worker.
        alive = [child for child in self.children if not is_stopped(child.process.pid)]
        for slot in (slot for child in alive for slot in child.slots):
            try:
                keys = slot.keys
                if keys and Job.objects.renew(keys, slot.token, lease, waiting=False).issuperset(slot.not_begun):
                    slot.reals[SURE_UNTIL] = now + lease.total_seconds() / 2
            except DATABASE_ERRORS as error:
                logger.warning("leases could not be renewed: %s", error)
                connection.close()

    def _end_unwatched(self) -> None:
        """Whatever broke the watch off: no child goes on without it. What is in hand has the grace time."""
        for child in self.children:
            child.process.terminate()
        for child in self.children:
            child.process.join(self.grace_seconds)
            child.process.kill()

    def _report(self) -> Report:
        outcomes = {outcome: sum(slot.outcomes()[outcome] for slot in self.slots) for outcome in Outcome}
        rescued, claimed = (sum(slot.rescued for slot in self.slots), sum(slot.claimed for slot in self.slots))
        return Report(rescued, claimed, outcomes, time.monotonic() - self.started)


def _claimed(slots: Sequence[Slot]) -> int:
    return sum(slot.claimed for slot in slots)


def _last_words(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with code {code}"
