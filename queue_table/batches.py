"""Jobs that belong together, and the one job that follows when the last of them is over.

    with batch(on_done=send_report) as import_run:
        import_run.enqueue_many(import_row, (call(number) for number in range(10_000)))

Nothing is counted while they run: a batch is over when no row of it is ready or claimed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now

from queue_table.batch_ends import check_follower, finish
from queue_table.drafting import new_row
from queue_table.exceptions import QueueError
from queue_table.inserting import insert
from queue_table.lifecycle import Status
from queue_table.models import Job, JobBatch
from queue_table.outbox import Call, enqueue_many
from queue_table.tasks_api import Task


class Batch:
    """An open batch, to be filled inside its `with` block."""

    def __init__(self, key: int) -> None:
        self.id, self.jobs, self.is_open = key, 0, True

    def enqueue(self, task: "Task[..., Any]", *args: Any, **kwargs: Any) -> int:
        """Writes one job of the batch; returns its id. Sends no signals; nor does `enqueue_many`."""
        self._check()
        key, _ = insert(new_row(task, args, kwargs, batch_id=self.id))
        self.jobs += 1
        return key

    def enqueue_many(self, task: "Task[..., Any]", calls: Iterable[Call], **columns: Any) -> int:
        """Writes many, as `outbox.enqueue_many`; returns how many."""
        self._check()
        written = enqueue_many(task, calls, batch_id=self.id, **columns)
        self.jobs += written
        return written

    def _check(self) -> None:
        if not self.is_open:
            raise QueueError(f"batch {self.id} was closed with its block: no job joins it any more")


@contextmanager
def batch(on_done: "Task[..., Any] | None" = None) -> Iterator[Batch]:
    """One transaction with a batch to fill: all of it is there afterwards, or nothing.

    When the last job is over (done, failed or cancelled), `on_done` is enqueued once, as decorated, with the keyword
    argument `batch_id`. An empty batch is over at once. Raises at once what enqueueing `on_done` would raise, and
    TypeError if it does not take a `batch_id`.
    """
    with transaction.atomic():
        row = JobBatch.objects.create(on_done=on_done.module_path if on_done else "")
        if on_done is not None:
            check_follower(on_done, row.pk)
        filled = Batch(row.pk)
        try:
            yield filled
        finally:
            filled.is_open = False
        if not filled.jobs:
            finish(row.pk)


class BatchState(NamedTuple):
    """How a batch stands. Rows that were pruned are counted no more; `finished_at` stays."""

    total: int
    done: int
    failed: int
    unfinished: int
    finished_at: datetime | None


def batch_state(batch_id: int) -> BatchState | None:
    """None if there is no such batch (any more). Reads every row of the batch."""
    row = JobBatch.objects.filter(pk=batch_id).first()
    if row is None:
        return None
    counts = dict(Job.objects.filter(batch_id=batch_id).values_list("status").annotate(Count("pk")))
    total, done, failed = sum(counts.values()), counts.get(Status.DONE, 0), counts.get(Status.FAILED, 0)
    return BatchState(total, done, failed, total - done - failed, row.finished_at)


def forget_finished_batches(older_than: timedelta) -> int:
    """Deletes batches that ended longer ago; returns how many. Their rows go, or stay, by themselves."""
    old = JobBatch.objects.filter(finished_at__lt=Now() - older_than).order_by("finished_at")
    return JobBatch.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:1000])).delete()[0]
