"""One attempt of one claimed row, and how it ends."""

import logging
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta
from functools import cache
from inspect import iscoroutinefunction
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.dispatch import Signal

from queue_table.backoff import retry_delay
from queue_table.claims import Claim
from queue_table.drafting import result_as_json
from queue_table.exceptions import Cancelled, CancelRequested, Discard, LostClaim, Retry, Snooze, UnknownTask
from queue_table.models import Job
from queue_table.outcomes import Outcome
from queue_table.patience import patient
from queue_table.results import task_result
from queue_table.routes import find_task
from queue_table.running import CURRENT
from queue_table.task import QueueTask
from queue_table.tasks_api import Task, TaskContext, task_finished, task_started
from queue_table.traces import readable_trace
from queue_table.transactions import JobTransaction
from queue_table.vendors import OPEN

logger = logging.getLogger(__name__)
LONGEST_PAUSE = timedelta(days=366)
JOBS = Job.objects.all()  # made once: a manager builds a query set for each call
GIVING_UP = (Discard, Cancelled, CancelRequested)


class Runner(NamedTuple):
    """A task as its worker runs it."""

    task: "Task[..., Any]"
    call: Callable[..., Any]
    atomic: bool
    takes_context: bool
    timeout: float | None  # seconds


@cache
def runner(path: str) -> Runner:
    """Raises UnknownTask, and remembers only what it found."""
    task = find_task(path)
    call = async_to_sync(task.func) if iscoroutinefunction(task.func) else task.func
    atomic, timeout = getattr(task, "atomic", False), getattr(task, "timeout_seconds", None)
    return Runner(task, call, atomic, task.takes_context, timeout)


def time_limit(path: str) -> float:
    """Seconds that the task may take before its process is ended."""
    try:
        return runner(path).timeout or settings.QUEUE_TIMEOUT_SECONDS
    except UnknownTask:
        return settings.QUEUE_TIMEOUT_SECONDS


def perform(claim: Claim, put_aside: Callable[[int], object]) -> Outcome:
    """Runs the row's task and settles the row; one that ended well and has nothing to keep may be `put_aside` instead.

    Whoever is handed a key settles it soon, with others. Only the database's own failures come out as exceptions.
    """
    try:
        outcome = _attempt(runner(claim.task), claim, put_aside)
    except UnknownTask:
        return _give_back(claim)
    except LostClaim:
        logger.warning("job %s (%s) was taken from this worker while it ran", claim.pk, claim.task)
        return Outcome.LOST
    finally:
        CURRENT.set(None)
    if task_finished.receivers and outcome in (Outcome.DONE, Outcome.FAILED):
        _announce(task_finished, claim)
    return outcome


def _attempt(run: Runner, claim: Claim, put_aside: Callable[[int], object]) -> Outcome:
    try:
        if task_started.receivers:
            _announce(task_started, claim)
        CURRENT.set(claim)
        if run.atomic:
            _perform_and_complete(run, claim)
        elif (result := _call(run, claim)) is None and not task_finished.receivers:
            put_aside(claim.pk)
        else:
            JOBS.complete(claim, result)
    except LostClaim:
        raise
    except (Exception, SystemExit, CancelledError) as error:
        try:
            return _settle_error(claim, error)
        except LostClaim:
            if not isinstance(error, (Retry, Snooze)):
                logger.warning("job %s (%s) raised, and is no longer ours", claim.pk, claim.task, exc_info=error)
            raise
    return Outcome.DONE


@patient
def _perform_and_complete(run: Runner, claim: Claim) -> None:
    """What the task wrote and its own 2 -> 1 commit together; after a collision nothing is left, and it runs again."""
    with JobTransaction() as transaction:
        result = _call(run, claim)
        if result is None:
            transaction.complete(claim.pk, claim.claim_token)
        else:
            JOBS.complete(claim, result)


def _call(run: Runner, claim: Claim) -> Any:
    context = [TaskContext(task_result=task_result(_row(claim), run.task))] if run.takes_context else ()
    try:  # in a context of its own: the language, the time zone and all else that it sets there ends with it
        result = copy_context().run(run.call, *context, *claim.payload["args"], **claim.payload["kwargs"])
    finally:
        left_open = not run.atomic and _close_if_left_open()
    if left_open:
        raise RuntimeError("the task left a transaction open: what it wrote there is rolled back")
    return None if result is None else result_as_json(run.task, result)


def _close_if_left_open() -> bool:
    """Whether the task began a transaction, through Django or by its own BEGIN, and did not end it."""
    default = connections[DEFAULT_DB_ALIAS]
    raw = default.connection
    if default.in_atomic_block or raw is None or (default.autocommit and not OPEN[default.vendor](raw)):
        return False
    default.close()
    return True


def _settle_error(claim: Claim, error: BaseException) -> Outcome:
    if isinstance(error, Snooze):
        try:
            Job.objects.snooze(claim, error.until)
            return Outcome.SNOOZED
        except CancelRequested as asked:
            error = asked
    asked_pause = error.after if isinstance(error, Retry) else None
    pause = pause_after(claim.task, claim.attempts) if asked_pause is None else asked_pause
    pause = min(max(pause, timedelta()), LONGEST_PAUSE)
    return settle_failed_attempt(_row(claim), error, pause)


def settle_failed_attempt(job: Job, error: BaseException, delay: timedelta) -> Outcome:
    """Keeps the error, and lets the row wait for its next attempt, or fail if this was the last or no other is wanted.

    Raises LostClaim if another hand has the row.
    """
    trace = readable_trace(error)
    job.note_error(f"{type(error).__module__}.{type(error).__qualname__}", trace)
    if isinstance(error, GIVING_UP) or job.is_last_attempt:
        Job.objects.fail(job)
        logger.error("job %s (%s, %s) failed for good:\n%s", job.pk, job.kind, job.task, trace)
        return Outcome.FAILED
    try:
        Job.objects.retry(job, delay)
    except CancelRequested as asked:
        return settle_failed_attempt(job, asked, delay)
    logger.warning("job %s (%s) failed, attempt %s of %s", job.pk, job.kind, job.attempts, job.max_attempts)
    return Outcome.RETRIED


def pause_after(path: str, attempts: int) -> timedelta:
    """How long the row waits after this many attempts: as its task says, or the backoff."""
    own = None
    with suppress(UnknownTask):
        task = runner(path).task
        own = task.retry_delay_after(attempts) if isinstance(task, QueueTask) else None
    return retry_delay(attempts) if own is None else own


def _row(claim: Claim) -> Job:
    """The whole row, if it is still ours."""
    job = Job.objects.filter(pk=claim.pk, claim_token=claim.claim_token).first()
    if job is None:
        raise LostClaim(f"job {claim.pk} is no longer ours")
    return job


def _give_back(claim: Claim) -> Outcome:
    Job.objects.give_back([claim.pk], claim.claim_token)
    logger.warning("job %s waits: nobody here knows the task %s", claim.pk, claim.task)
    return Outcome.UNKNOWN


def _announce(signal: Signal, claim: Claim) -> None:
    if not signal.has_listeners():
        return
    task, job = find_task(claim.task), Job.objects.get(pk=claim.pk)
    signal.send_robust(type(task.get_backend()), task_result=task_result(job, task))
