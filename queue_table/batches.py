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

from queue_table.drafting import new_row
from queue_table.exceptions import QueueError, UnknownTask
from queue_table.inserting import insert
from queue_table.lifecycle import FINISHED, Status
from queue_table.models import Job, JobBatch
from queue_table.outbox import Call, enqueue_many
from queue_table.routes import find_task
from queue_table.tasks_api import Task

BATCHES_AT_ONCE = 100


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
    argument `batch_id`. An empty batch is over at once.
    """
    with transaction.atomic():
        row = JobBatch.objects.create(on_done=on_done.module_path if on_done else "")
        filled = Batch(row.pk)
        try:
            yield filled
        finally:
            filled.is_open = False
        if not filled.jobs:
            _finish(row.pk)


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


class Memory:
    """What this process has seen. It spares reading; whoever loses it only reads again."""

    def __init__(self) -> None:
        self.last = 0  # the last batch that was looked at: the next look goes on there
        self.unfinished: dict[int, int] = {}  # of each open batch, the last job that was not over

    def see(self, keys: list[int], limit: int) -> None:
        """Goes on after these open batches; or forgets all others, if these are all there are."""
        if len(keys) == limit:
            self.last = keys[-1]
            return
        if not self.last:
            self.unfinished = {key: job for key, job in self.unfinished.items() if key in keys}
        self.last = 0


_memory = Memory()


def finish_open_batches(limit: int = BATCHES_AT_ONCE) -> int:
    """Ends the open batches whose jobs are all over, and enqueues what follows on them; returns how many.

    Looks at up to `limit` open batches. Any number may do it at once: each batch ends once.
    """
    is_open = JobBatch.objects.filter(finished_at__isnull=True, pk__gt=_memory.last).order_by("pk")
    keys = list(is_open.values_list("pk", flat=True)[:limit])
    _memory.see(keys, limit)
    return sum(_finish_if_over(key) for key in _worth_a_look(keys))


def _worth_a_look(keys: list[int]) -> list[int]:
    """All but the batches whose job that was not over the last time is still not over."""
    jobs = [_memory.unfinished[key] for key in keys if key in _memory.unfinished]
    open_still = set(_unfinished().filter(pk__in=jobs).values_list("batch_id", flat=True)) if jobs else set()
    return [key for key in keys if key not in open_still]


def _finish_if_over(key: int) -> bool:
    """Reads from the end, where jobs are over last, and then on from where it was: each row about once.

    Before the end it reads all: meanwhile somebody may have made a failed job ready again.
    """
    jobs = _unfinished().filter(batch_id=key).order_by("-pk").values_list("pk", flat=True)
    known = _memory.unfinished.pop(key, None)
    job = (jobs.filter(pk__lt=known).first() if known else None) or jobs.first()
    if job is not None:
        _memory.unfinished[key] = job
        return False
    with transaction.atomic():
        return _finish(key)


def _finish(key: int) -> bool:
    """False if somebody else does it just now, or did it, or if nobody here knows the task that follows."""
    row = JobBatch.objects.select_for_update(skip_locked=True).filter(pk=key).first()
    if row is None or row.finished_at is not None:
        return False
    try:
        follower = find_task(row.on_done) if row.on_done else None
    except UnknownTask:
        return False
    JobBatch.objects.filter(pk=key).update(finished_at=Now())
    if follower is not None:
        insert(new_row(follower, kwargs={"batch_id": key}, kind="batch"))
    return True


def _unfinished() -> Any:
    return Job.objects.filter(status__in=set(Status) - FINISHED)


def forget_finished_batches(older_than: timedelta) -> int:
    """Deletes batches that ended longer ago; returns how many. Their rows go, or stay, by themselves."""
    old = JobBatch.objects.filter(finished_at__lt=Now() - older_than).order_by("finished_at")
    return JobBatch.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:1000])).delete()[0]
