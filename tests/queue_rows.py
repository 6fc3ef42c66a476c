"""Looking at the table, and running its worker, from tests."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.outbox import job_for
from queue_table.worker import Report, Worker


def put(task: Any, *args: Any, **columns: Any) -> Job:
    """A row that runs `task`, as it lies in the table."""
    job = job_for(task, args=args, **columns)
    job.save()
    return again(job)


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def claim_one(worker: str = "a worker", lease: timedelta = timedelta(seconds=60)) -> Job:
    [job] = Job.objects.claim(worker, 1, lease)
    return job


def run_worker(**options: Any) -> Report:
    return Worker(**options).run()


def pass_backoff(job: Job) -> None:
    """Moves the row to where its pause is over."""
    Job.objects.filter(pk=job.pk).update(available_at=Now())


def end_lease(job: Job) -> None:
    """Moves the row to where its worker has not been heard of for longer than its lease."""
    Job.objects.filter(pk=job.pk).update(lease_expires_at=Now() - timedelta(seconds=1))


def statuses() -> list[Status]:
    return [Status(status) for status in Job.objects.order_by("pk").values_list("status", flat=True)]
