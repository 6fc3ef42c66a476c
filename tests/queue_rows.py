"""Looking at the table, and running its worker, from tests."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from queue_table.claims import Claim, Claimer
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from queue_table.outbox import job_for
from queue_table.outcomes import Report
from queue_table.worker import Worker

LEASE = timedelta(seconds=60)


def put(task: Any, *args: Any, **columns: Any) -> Job:
    """A row that runs `task`, as it lies in the table."""
    job = job_for(task, args=args, **columns)
    job.save()
    return again(job)


def again(job: Job | Claim) -> Job:
    return Job.objects.get(pk=job.pk)


def claim(limit: int = 10, worker: str = "a worker", lease: timedelta = LEASE, queue: str = "default") -> list[Claim]:
    return Claimer(worker, limit, lease).claim(queue)


def claim_one(worker: str = "a worker", lease: timedelta = LEASE) -> Claim:
    [taken] = claim(1, worker, lease)
    return taken


def rescue(job: Job | Claim, *, counted: bool = True) -> bool:
    """What the next worker does with the row when its lease is over."""
    return Job.objects.rescue(again(job), counted=counted)


def run_worker(**options: Any) -> Report:
    return Worker(**options).run()


def pass_backoff(job: Job) -> None:
    """Moves the row to where its pause is over."""
    Job.objects.filter(pk=job.pk).update(available_at=Now(), stage=Stage.AVAILABLE)


def end_lease(job: Job | Claim) -> None:
    """Moves the row to where its worker has not been heard of for longer than its lease."""
    Job.objects.filter(pk=job.pk).update(lease_expires_at=Now() - timedelta(seconds=1))


def statuses() -> list[Status]:
    return [Status(status) for status in Job.objects.order_by("pk").values_list("status", flat=True)]
