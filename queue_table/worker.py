"""Takes rows out of the table and performs them: chores, claim, perform, settle, until nothing is due."""

import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

from queue_table.aftermath import settle_claim
from queue_table.bell import Listener
from queue_table.choosing import Chooser
from queue_table.chores import Chores
from queue_table.claims import Claim, Claimer, Place
from queue_table.connecting import claiming_connection
from queue_table.limits import admit_key, seconds_to_next
from queue_table.models import Job
from queue_table.outcomes import Outcome, Report
from queue_table.performing import perform, time_limit
from queue_table.slots import BEAT, RETURNED, SETTLED, STEP, SURE_UNTIL, TIMEOUT, Slot
from queue_table.tally import Tallies

logger = logging.getLogger(__name__)
SETTLE_SECONDS = 0.5  # how long a performed row may wait to be settled with others
RESCAN_SECONDS = 0.25  # how long a claim may begin where the last one ended; longer where a scan from the top is slow
SCANNING_SHARE = 20  # at most a twentieth of the time goes into scans from the top
LONGEST_SECONDS = 1.0  # and no urgent row waits longer for one
UNKNOWN_SECONDS = 60.0  # then a task that could not be imported is tried again
TALLY_SECONDS = 5.0
IDLE_SECONDS = 0.5
RATE_SECONDS = 2.0
AWAY_SECONDS = 1.0
DATABASE_ERRORS = (OperationalError, InterfaceError)


class Worker:
    """One hand at the table, in one thread. Any number may work at once, on any number of machines."""

    def __init__(
        self,
        *,
        queues: Sequence[str] = (),
        batch_size: int = 10,
        max_seconds: float = float("inf"),
        forever: bool = False,
        slot: Slot | None = None,
        parent: int | None = None,
        on_outcome: Callable[[Outcome], object] | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.batch_size, self.max_seconds, self.forever = batch_size, max_seconds, forever
        self.slot, self.on_outcome = slot or Slot(), on_outcome
        self.lease = timedelta(seconds=settings.QUEUE_LEASE_SECONDS)
        self.chooser, self.chores, self.tallies = Chooser(queues), Chores(), Tallies()
        self.unknown: set[str] = set()
        self.performed: list[int] = []  # of the claim in hand, to be settled together
        self.lost: set[int] = set()  # of the claim in hand, as far as is known
        self.places: dict[str, Place] = {}
        self.settle_at = self.rescan_at = self.tally_at = self.forget_at = 0.0
        self.stopping, self.parent = False, parent

    def stop(self) -> None:
        """Ends the run after the job in hand; the rest of its batch is given back."""
        self.stopping = True

    def run(self) -> Report:
        """Works until `stop` is called, `max_seconds` are over or, unless `forever`, nothing is due."""
        started = time.monotonic()
        self.end = started + self.max_seconds
        self.connection = claiming_connection()
        self.claimer, self.listener = (
            Claimer(self.name, self.batch_size, self.lease, self.connection),
            Listener(self.connection),
        )
        try:
            while not self._is_over() and self._take_part():
                pass
            self._write_tallies()
        finally:
            self.slot.reals[BEAT] = float("inf")  # nobody waits for it any more
            self._leave()
        slot = self.slot
        return Report(slot.rescued, slot.claimed, slot.outcomes(), time.monotonic() - started)

    def _is_over(self) -> bool:
        orphaned = self.parent is not None and os.getppid() != self.parent
        return self.stopping or orphaned or time.monotonic() >= self.end

    def _take_part(self) -> bool:
        """One round; False when the run is over because the queue is empty."""
        try:
            return self._round()
        except DATABASE_ERRORS as error:
            if not self.forever:
                raise
            logger.warning("the database does not answer: %s", error)
            self._recover()
            return True

    def _round(self) -> bool:
        self.slot.reals[BEAT] = time.monotonic()
        self.chores.do_what_is_due()
        self.slot.rescued += self.chores.take_rescued()
        batch = self._claim()
        if not batch and not self.forever:
            self.chores.hurry()  # before the run ends: has something come due, or free?
            self.chores.do_what_is_due()
            self.chooser.forget()
            batch = self._claim()
        if batch:
            self.listener.worked()
            self._perform_batch(batch)
        elif self.forever:
            self.chooser.forget()
            self._write_tallies()
            self.listener.wait(self.chores.pause(IDLE_SECONDS))
        return bool(batch) or self.forever or self._wait_for_a_rate()

    def _wait_for_a_rate(self) -> bool:
        """Whether a row's turn comes so soon under its rate that the run had better stay for it."""
        seconds = seconds_to_next()
        if seconds is None or seconds > RATE_SECONDS or time.monotonic() + seconds >= self.end:
            return False
        time.sleep(seconds)
        return True

    def _claim(self) -> list[Claim]:
        for queue in self.chooser.candidates():
            if batch := self._claim_from(queue):
                return batch
        return []

    def _claim_from(self, queue: str) -> list[Claim]:
        token, now = uuid4(), time.monotonic()
        from_the_top = now >= self.rescan_at
        if from_the_top:
            self.places.clear()
        if now >= self.forget_at:
            self.unknown.clear()
            self.forget_at = now + UNKNOWN_SECONDS
        place = self.places.get(queue)
        self.slot.announce(token)
        batch = self.claimer.claim(queue, token=token, after=place, unknown=sorted(self.unknown))
        if place and not batch:
            batch = self.claimer.claim(queue, token=token, unknown=sorted(self.unknown))
        if from_the_top:
            took = time.monotonic() - now
            self.rescan_at = now + min(max(RESCAN_SECONDS, SCANNING_SHARE * took), LONGEST_SECONDS)
        if len(batch) == self.batch_size:
            self.places[queue] = Place(batch[-1].priority, batch[-1].pk)
        else:
            self.places.pop(queue, None)
        if batch:
            self.slot.hold([claim.pk for claim in batch], now + self.lease.total_seconds() / 2)
        return batch

    def _perform_batch(self, batch: list[Claim]) -> None:
        words, reals = self.slot.words, self.slot.reals
        self.settle_at = time.monotonic() + SETTLE_SECONDS
        self.settled, self.returned, begun = words[SETTLED], words[RETURNED], 0
        self.lost.clear()
        for claim in batch:
            now = time.monotonic()
            if now >= self.settle_at or claim.attempts > 1 or claim.is_last_attempt:
                self._settle_performed(batch)  # so that a crash tells by what is left which of these was in hand
            if self.stopping or now >= self.end:
                break
            reals[TIMEOUT] = time_limit(claim.task)
            words[STEP] = 2 * begun + 1  # before the next look: see recalling.py
            if now >= reals[SURE_UNTIL] and not self._is_still_ours(batch, begun):
                self._count_lost(claim)
            else:
                self._count(claim, perform(claim, self.performed.append))
            begun += 1
            words[STEP] = 2 * begun
            if claim.limit_key or claim.attempts > 1 or claim.is_last_attempt:  # nor may it seem to be in hand later
                self._settle_performed(batch)
            if claim.limit_key:
                admit_key(claim.limit_key)
        self._settle_performed(batch)
        if begun < len(batch):
            Job.objects.give_back([claim.pk for claim in batch[begun:]], batch[0].claim_token)
        self.slot.release()

    def _settle_performed(self, batch: Sequence[Claim]) -> None:
        if self.performed:
            done = Job.objects.complete_all(self.performed, batch[0].claim_token)
            before, self.settled = self.settled, self.slot.words[SETTLED]  # read after the database answered
            lost = len(self.performed) - done - (self.settled - before)
            if lost > 0:
                logger.warning("%s rows were taken from this worker after it performed them", lost)
                self.slot.count(Outcome.DONE, -lost)
                self.slot.count(Outcome.LOST, lost)
            self.performed.clear()
        self.settle_at = time.monotonic() + SETTLE_SECONDS

    def _is_still_ours(self, batch: Sequence[Claim], begun: int) -> bool:
        """Asks the database: this process was frozen, nobody watches it, or its parent recalled what it has not begun.

        The order of the writes is a part of the proof in recalling.py.
        """
        words, reals, claim, rest = self.slot.words, self.slot.reals, batch[begun], {row.pk for row in batch[begun:]}
        words[STEP] = 2 * begun  # no attempt of the row counts if this process dies here
        if claim.pk not in self.lost:  # what is lost under a token stays so
            self._settle_performed(batch)
            reals[SURE_UNTIL] = time.monotonic() + self.lease.total_seconds() / 2
            self.lost = rest - Job.objects.renew(rest, claim.claim_token, self.lease)
            if self.lost:
                reals[SURE_UNTIL] = 0.0
        ours = claim.pk not in self.lost
        words[STEP] = 2 * begun + ours
        return ours

    def _count_lost(self, claim: Claim) -> None:
        if self.returned < self.slot.words[RETURNED]:  # given back by the parent: nothing happened to it
            self.returned += 1
        else:
            self._count(claim, Outcome.LOST)

    def _count(self, claim: Claim, outcome: Outcome) -> None:
        self.slot.count(outcome)
        self.tallies.count(claim.queue, outcome)
        if outcome is Outcome.UNKNOWN:
            self.unknown.add(claim.task)
        if self.on_outcome:
            self.on_outcome(outcome)

    def _write_tallies(self) -> None:
        if time.monotonic() >= self.tally_at or not self.forever:
            self.tally_at = time.monotonic() + TALLY_SECONDS
            self.tallies.flush(self.name)

    def _recover(self) -> None:
        """The database went away with work in our hands: when it is back, each row goes where its state says."""
        settled = False
        while not settled and not self._is_over():
            self._leave()
            time.sleep(AWAY_SECONDS)
            self.slot.reals[BEAT] = time.monotonic()
            try:
                settle_claim(self.slot, "the database went away while it ran")
                self.performed.clear()
                settled = True
            except DATABASE_ERRORS:
                logger.info("the database is still away")

    def _leave(self) -> None:
        """Leaves no connection open that is broken, or nobody else's."""
        default = connections[DEFAULT_DB_ALIAS]
        if self.connection is not default:
            self.connection.close()
        if not default.in_atomic_block:
            default.close_if_unusable_or_obsolete()
