"""The parent of the workers: it performs nothing, so whatever a job does to its process, somebody is left to settle it.

Each child is a fork with its slots in shared memory. The parent renews the leases of what they hold, ends a child whose
job takes too long or too much memory, and when a child dies settles its claims by what the slots say.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from multiprocessing.connection import wait

from django.conf import settings
from django.db import OperationalError, connections

from queue_table.aftermath import settle_claim
from queue_table.child import work
from queue_table.models import Job
from queue_table.outcomes import Outcome, Report
from queue_table.procfs import is_stopped, resident_megabytes
from queue_table.recalling import take_back
from queue_table.slots import COUNT, DATABASE_AWAY, ENDING, FINISHED, SURE_UNTIL, TIMEOUT, Slot, shared_slots
from queue_table.watched import Child
from queue_table.worker import DATABASE_ERRORS

logger = logging.getLogger(__name__)
WATCH_SECONDS = 0.2
ANSWER_SECONDS = 120.0
FAREWELL_SECONDS = 5.0  # after the grace time: for the database to hear what became of the rows
FORK = multiprocessing.get_context("fork")  # quick, and the child has loaded everything already
EARLY_SECONDS, EARLY_DEATHS = 2.0, 5


class CannotWork(Exception):
    """The children die before they begin: the log says of what."""


class DatabaseAway(Exception):
    """A child lost the database; the next run goes on where it can."""


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

    def _start(self, slots: list[Slot]) -> None:
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
        for child in [child for child in self.children if child.process.exitcode is not None]:
            self._bury(child)
        self._enforce()
        self._take_back_what_waits()
        self._renew_leases()
        self.on_progress(sum(sum(slot.outcomes().values()) for slot in self.slots))

    def _enforce(self) -> None:
        """What must go on while a database is silent."""
        now = time.monotonic()
        for child in self.children:
            if child.process.exitcode is None:
                self._end_if_out_of_bounds(child, now)
        self._stop_children(now)

    def _beside(self, work: Callable[[], object]) -> None:
        """Speaks with the database in a thread with connections of its own, and waits for it, enforcing meanwhile.

        Raises what it raised; OperationalError if there is no answer: then the thread is left to itself, and may do its
        work yet. Else no fork meets it.
        """
        failures: list[BaseException] = []
        thread = threading.Thread(target=_try, args=(work, failures), daemon=True)
        began = time.monotonic()
        thread.start()
        thread.join(WATCH_SECONDS)
        while thread.is_alive():
            self._enforce()
            if time.monotonic() > min(began + ANSWER_SECONDS, max(began, self.kill_at) + FAREWELL_SECONDS):
                raise OperationalError("it does not answer")
            thread.join(WATCH_SECONDS)
        if failures:
            raise failures[0]

    def _end_if_out_of_bounds(self, child: Child, now: float) -> None:
        if child.reason:
            return
        if late := child.overdue(now):
            child.reason, child.culprits = f"took longer than {child.slots[late[0]].reals[TIMEOUT]:g} s", set(late)
        elif (used := resident_megabytes(child.process.pid)) > settings.QUEUE_MEMORY_MB:
            child.reason, child.culprits = f"its process used {used} MB of memory", set(range(len(child.slots)))
        elif child.is_silent(now):
            child.reason, child.is_counted = "its database did not answer", False
            logger.warning("a worker is replaced: %s", child.reason)
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
                if not child.reason:
                    child.reason, child.is_counted = "the worker was stopped, and its grace time was over", False
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
        for number, slot in enumerate(child.slots):
            counted = child.is_counted and (not child.culprits or number in child.culprits)
            try:
                self._beside(partial(settle_claim, slot, reason, counted=counted))
            except DATABASE_ERRORS as error:
                logger.warning("the rows of a dead worker wait for the end of their lease: %s", error)
                child.slots[number] = self._another_slot()  # its successor has no part in them

    def _another_slot(self) -> Slot:
        [slot] = shared_slots(1)
        self.slots.append(slot)
        return slot

    def _replace(self, child: Child) -> None:
        early = time.monotonic() - child.started < EARLY_SECONDS and child.claimed_before == _claimed(child.slots)
        self.early_deaths = self.early_deaths + 1 if early else 0
        if self.early_deaths >= EARLY_DEATHS:
            raise CannotWork(f"{self.early_deaths} workers in a row died before they claimed anything")
        if early:
            time.sleep(0.1 * 2**self.early_deaths)
        self._start(child.slots)

    def _take_back_what_waits(self) -> None:
        now = time.monotonic()
        for slot, hand in [waits for child in self.children for waits in child.kept_waiting(now)]:
            try:
                self._beside(partial(take_back, slot, hand))
            except DATABASE_ERRORS as error:
                logger.warning("rows wait for the job before them: %s", error)

    def _renew_leases(self) -> None:
        now, lease = time.monotonic(), timedelta(seconds=settings.QUEUE_LEASE_SECONDS)
        if now - self.renewed < lease.total_seconds() / 4:
            return
        self.renewed = now
        # Not for a child that is frozen: its rows are better off with another worker.
        alive = [child for child in self.children if not is_stopped(child.process.pid)]
        held = [slot for child in alive for slot in child.slots if slot.words[COUNT]]
        try:
            if held:
                self._beside(partial(_renew_all, held, lease))
        except DATABASE_ERRORS as error:
            logger.warning("leases could not be renewed: %s", error)

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


def _try(work: Callable[[], object], failures: list[BaseException]) -> None:
    try:
        work()
    except BaseException as error:
        failures.append(error)
    finally:
        connections.close_all()


def _renew_all(slots: Sequence[Slot], lease: timedelta) -> None:
    for slot in slots:
        now, keys = time.monotonic(), slot.keys
        if keys and Job.objects.renew(keys, slot.token, lease, waiting=False).issuperset(slot.not_begun):
            slot.reals[SURE_UNTIL] = now + lease.total_seconds() / 2


def _claimed(slots: Sequence[Slot]) -> int:
    return sum(slot.claimed for slot in slots)


def _last_words(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with code {code}"
