"""Finished rows go after a while; failed ones stay for a person to look at."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.tasks_api import task

BATCH_SIZE = 1000


def prune(older_than: timedelta, batch_size: int = BATCH_SIZE) -> Iterator[int]:
    """Deletes done rows that finished longer ago than that, batch by batch, and yields how many each batch was.

    Each batch is a short transaction of its own on rows that no claim looks at, and goes on where the last one ended.
    """
    done = Job.objects.filter(status=Status.DONE, finished_at__lt=Now() - older_than).order_by("pk")
    last = 0
    while keys := list(done.filter(pk__gt=last).values_list("pk", flat=True)[:batch_size]):
        last = keys[-1]
        yield Job.objects.filter(pk__in=keys).delete()[0]


@task
def prune_finished_jobs() -> int:
    """The nightly duty: how many rows went."""
    return sum(prune(timedelta(days=settings.QUEUE_KEEP_DAYS)))
