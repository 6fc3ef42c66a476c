"""One attempt of one claimed row, and how it ends."""

import logging
from asyncio import CancelledError
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from queue_table.backoff import retry_delay
from queue_table.exceptions import Discard, LostClaim, Retry, Snooze, UnknownTask
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.results import task_result
from queue_table.routes import find_task
from queue_table.tasks_api import Task, TaskContext, normalize_json, task_finished, task_started
from queue_table.traces import readable_trace

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    DONE = "done"
    RETRIED = "retried"
    SNOOZED = "snoozed"
    FAILED = "failed"
    UNKNOWN = "unknown"  # given back: some other worker knows the task
    LOST = "lost"  # another hand has the row; what an atomic task wrote here is rolled back


ENDINGS = {Outcome.DONE: Status.DONE, Outcome.FAILED: Status.FAILED}


def perform(job: Job) -> Outcome:
    """Runs the row's task and settles the row. Only the database's own failures come out as exceptions."""
    try:
        task = find_task(job.task)
        outcome = _attempt(task, job)
    except UnknownTask:
        return _give_back(job)
    except LostClaim:
        logger.warning("job %s (%s) was taken from this worker while it ran", job.pk, job.kind)
        return Outcome.LOST
    if outcome in ENDINGS:
        job.status, job.finished_at = ENDINGS[outcome], timezone.now()
        _announce(task_finished, task, job)
    return outcome


def _attempt(task: "Task[..., Any]", job: Job) -> Outcome:
    try:
        _announce(task_started, task, job)
        _run(task, job)
    except LostClaim:
        raise
    except Snooze as verdict:
        Job.objects.snooze(job, verdict.until)
        return Outcome.SNOOZED
    except (Exception, SystemExit, CancelledError) as error:
        return _settle_error(job, error)
    return Outcome.DONE


def _run(task: "Task[..., Any]", job: Job) -> None:
    if getattr(task, "atomic", False):
        with transaction.atomic():
            _complete(task, job)
    else:
        _complete(task, job)


def _complete(task: "Task[..., Any]", job: Job) -> None:
    job.result = _call(task, job)
    Job.objects.complete(job)


def _call(task: "Task[..., Any]", job: Job) -> Any:
    context = [TaskContext(task_result=task_result(job, task))] if task.takes_context else []
    return normalize_json(task.call(*context, *job.payload["args"], **job.payload["kwargs"]))


def _settle_error(job: Job, error: BaseException) -> Outcome:
    trace = readable_trace(error)
    job.note_error(f"{type(error).__module__}.{type(error).__qualname__}", trace)
    if isinstance(error, Discard) or job.is_last_attempt:
        Job.objects.fail(job)
        logger.error("job %s (%s, %s) failed for good:\n%s", job.pk, job.kind, job.task, trace)
        return Outcome.FAILED
    Job.objects.retry(job, _delay(job, error))
    logger.warning("job %s (%s) failed, attempt %s of %s", job.pk, job.kind, job.attempts, job.max_attempts)
    return Outcome.RETRIED


def _delay(job: Job, error: BaseException) -> timedelta:
    asked = error.after if isinstance(error, Retry) else None
    return retry_delay(job.attempts) if asked is None else asked


def _give_back(job: Job) -> Outcome:
    Job.objects.give_back(job)
    logger.warning("job %s waits: nobody here knows the task %s", job.pk, job.task)
    return Outcome.UNKNOWN


def _announce(signal: Signal, task: "Task[..., Any]", job: Job) -> None:
    if signal.has_listeners():
        signal.send_robust(type(task.get_backend()), task_result=task_result(job, task))
