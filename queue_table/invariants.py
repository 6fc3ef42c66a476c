"""What is always true of the table. That a token means a claim, and that attempts end, the database itself enforces."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from django.db.models import F, Q

from queue_table import clock
from queue_table.invariant import Broken, Invariant, Span
from queue_table.lifecycle import Status
from queue_table.models import Job

SWEPT_WITHIN = timedelta(minutes=2)  # cron's minute, and one more
CLOCK_STEP = timedelta(milliseconds=10)  # SQLite's clock has milliseconds, a row's other moments may have more


def _forgotten_claims(span: Span) -> Iterator[Broken]:
    late = Job.objects.filter(status=Status.CLAIMED, lease_expires_at__lt=clock.now() - SWEPT_WITHIN, **span.of())
    for key, until in late.order_by("pk").values_list("pk", "lease_expires_at"):
        yield Broken(key, f"Job {key} is claimed, and its lease was over at {until:%Y-%m-%d %H:%M:%S} UTC.")


def _done_unclaimed(span: Span) -> Iterator[Broken]:
    odd = Q(attempts=0) | Q(claimed_at=None)
    for job in Job.objects.filter(odd, status=Status.DONE, **span.of()).order_by("pk").only("pk", "task"):
        yield Broken(job.pk, f"Job {job.pk} ({job.task}) is done, and nobody ever claimed it.")


def _moments_mixed(span: Span) -> Iterator[Broken]:
    mixed = Q(claimed_at__lt=F("created_at")) | Q(finished_at__lt=F("claimed_at")) | Q(finished_at__lt=F("created_at"))
    moments = Job.objects.filter(mixed, **span.of()).order_by("pk")
    for key, *kept in moments.values_list("pk", "created_at", "claimed_at", "finished_at"):
        known = [moment for moment in kept if moment]
        if any(later < earlier - CLOCK_STEP for earlier, later in pairwise(known)):
            yield Broken(key, f"Job {key} was created, claimed and finished in another order than that.")


INVARIANTS = [
    Invariant(
        name="claims-are-swept",
        sentence="No job stays claimed by a worker that was not heard of for longer than its lease.",
        advice="Do workers run? `manage.py queue_status` says so; the next one gives the job back by itself.",
        broken=_forgotten_claims,
    ),
    Invariant(
        name="done-jobs-were-claimed",
        sentence="A job is done only after a worker claimed it: 0, 2, 1 and no other way.",
        advice="Somebody wrote to the table by hand. See whether the job's work was done, and enqueue it again if not.",
        broken=_done_unclaimed,
        rows=Job.objects.all,
        at_once=20_000,
    ),
    Invariant(
        name="job-times-in-order",
        sentence="A job is created, then claimed, then finished, by the database's clock.",
        advice="The database server's clock went back (leases hang on it), or somebody wrote to the table by hand.",
        broken=_moments_mixed,
        rows=Job.objects.all,
        at_once=20_000,
    ),
]
