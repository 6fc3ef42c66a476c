"""When a batch is over, and what follows on it."""

import logging
import threading
from inspect import signature
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from queue_table.drafting import new_row
from queue_table.exceptions import UnknownTask
from queue_table.inserting import NewRow, insert
from queue_table.lifecycle import FINISHED, Status
from queue_table.models import Job, JobBatch
from queue_table.routes import find_task
from queue_table.tasks_api import Task
from queue_table.traces import readable_trace

logger = logging.getLogger(__name__)
BATCHES_AT_ONCE = 100


class Memory(threading.local):
    """What this thread has seen. It spares reading; whoever loses it only reads again."""

    def __init__(self) -> None:
        self.last = 0  # the last batch that was looked at: the next look goes on there
        self.unfinished: dict[int, int] = {}  # of each open batch, the last job that was not over
        self.waiting: set[int] = set()  # the batches of which was said that nobody here knows what follows

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
        return finish(key)


def finish(key: int) -> bool:
    """False if somebody else does it just now, or did it, or if nobody here knows the task that follows.

    In the caller's transaction. A follower that can't be enqueued becomes a failed row, for staff to see and run again.
    """
    row = JobBatch.objects.select_for_update(skip_locked=True).filter(pk=key).first()
    if row is None or row.finished_at is not None:
        return False
    try:
        follower = find_task(row.on_done) if row.on_done else None
    except UnknownTask:
        _say_once(row)
        return False
    JobBatch.objects.filter(pk=key).update(finished_at=Now())
    if follower is not None:
        _enqueue_follower(follower, key)
    return True


def _say_once(row: JobBatch) -> None:
    if row.pk not in _memory.waiting:
        _memory.waiting.add(row.pk)
        logger.warning("batch %s is over, and waits: nobody here knows the task %s", row.pk, row.on_done)


def check_follower(task: "Task[..., Any]", batch_id: int) -> None:
    """Raises what enqueueing the task would raise, and TypeError if it takes no `batch_id`."""
    try:
        signature(task.func).bind(*[None] * task.takes_context, batch_id=batch_id)
    except TypeError as error:
        raise TypeError(f"{task.module_path} can't follow on a batch with batch_id alone: {error}") from error
    _follower(task, batch_id)


def _follower(task: "Task[..., Any]", batch_id: int) -> NewRow:
    return new_row(task, kwargs={"batch_id": batch_id}, kind="batch")


def _enqueue_follower(task: "Task[..., Any]", batch_id: int) -> None:
    try:
        with transaction.atomic():
            insert(_follower(task, batch_id))
    except (OperationalError, InterfaceError):  # nothing is wrong with the task: the batch ends the next time
        raise
    except Exception as error:  # a key that can't be told now: else the batch would not end, and nobody would see it
        _insert_failed(task, batch_id, error)


def _insert_failed(task: "Task[..., Any]", batch_id: int, error: Exception) -> None:
    job = Job(
        kind="batch",
        task=task.module_path,
        queue=task.queue_name,
        priority=task.priority,
        payload={"args": [], "kwargs": {"batch_id": batch_id}},
        max_attempts=getattr(task, "max_attempts", 3),
        status=Status.FAILED,
        finished_at=Now(),
    )
    trace = readable_trace(error)
    job.note_error(f"{type(error).__module__}.{type(error).__qualname__}", trace)
    job.save()
    logger.error("job %s (batch, %s) failed before it was enqueued:\n%s", job.pk, job.task, trace)


def _unfinished() -> Any:
    return Job.objects.filter(status__in=set(Status) - FINISHED)
