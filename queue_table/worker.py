"""Takes rows out of the table and performs them: rescue, enqueue due duties, claim, perform, until nothing is due."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.conf import settings

from queue_table.duties import enqueue_due_duties
from queue_table.exceptions import LostClaim
from queue_table.models import Job
from queue_table.performing import Outcome, perform
from queue_table.rescue import rescue_expired


@dataclass
class Report:
    """What one run did."""

    rescued: int = 0
    claimed: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = {outcome: self.outcomes[outcome] for outcome in (Outcome.DONE, Outcome.RETRIED, Outcome.FAILED)}
        counts |= {o: n for o, n in self.outcomes.items() if n and o not in counts}
        words = " ".join(f"{outcome}={count}" for outcome, count in counts.items())
        return f"rescued={self.rescued} claimed={self.claimed} {words} seconds={self.seconds:.2f}"


class Worker:
    """One process's hand at the table. Several may work at once, on any number of machines."""

    def __init__(
        self,
        *,
        queues: Sequence[str] = (),
        batch_size: int = 10,
        max_seconds: float = float("inf"),
        on_outcome: Callable[[Outcome], object] = lambda outcome: None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.queues, self.batch_size, self.max_seconds, self.on_outcome = (queues, batch_size, max_seconds, on_outcome)
        self.lease = timedelta(seconds=settings.QUEUE_LEASE_SECONDS)
        self.unknown: set[str] = set()
        self.report = Report()
        self.stopping = False

    def stop(self) -> None:
        """Ends the run after the job in hand; the rest of its batch is given back."""
        self.stopping = True

    def run(self) -> Report:
        """Works until nothing is due, `max_seconds` are over or `stop` was called."""
        self.started = time.monotonic()
        self.report.rescued = rescue_expired()
        enqueue_due_duties()
        while not self._is_over() and (batch := self._claim()):
            self._perform_batch(batch)
        self.report.seconds = time.monotonic() - self.started
        return self.report

    def _is_over(self) -> bool:
        return self.stopping or time.monotonic() - self.started >= self.max_seconds

    def _claim(self) -> list[Job]:
        self.renewed = time.monotonic()
        batch = Job.objects.claim(
            self.name, self.batch_size, self.lease, queues=self.queues, unknown=sorted(self.unknown)
        )
        self.report.claimed += len(batch)
        return batch

    def _perform_batch(self, batch: list[Job]) -> None:
        while (batch := self._keep(batch)) and not self._is_over():
            job = batch.pop(0)
            self._count(job, perform(job))
        self._give_back(batch)

    def _keep(self, batch: list[Job]) -> list[Job]:
        """Renews the leases of a slow batch and drops what another hand has taken: its body must not run here."""
        if time.monotonic() - self.renewed <= self.lease.total_seconds() / 2:
            return batch
        self.renewed = time.monotonic()
        ours = Job.objects.renew(batch, self.lease) if batch else set()
        for job in batch:
            if job.pk not in ours:
                self._count(job, Outcome.LOST)
        return [job for job in batch if job.pk in ours]

    def _count(self, job: Job, outcome: Outcome) -> None:
        if outcome is Outcome.UNKNOWN:
            self.unknown.add(job.task)
        self.report.outcomes[outcome] += 1
        self.on_outcome(outcome)

    def _give_back(self, batch: list[Job]) -> None:
        for job in batch:
            with suppress(LostClaim):
                Job.objects.give_back(job)
