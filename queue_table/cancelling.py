"""Ending jobs that nobody wants any more: at once what waits, as soon as its worker can what runs."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from queue_table.exceptions import Cancelled
from queue_table.guards import standing
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from queue_table.patience import patient
from queue_table.querysets import OVER, UNCLAIMED, JobQuerySet
from queue_table.traces import storable

logger = logging.getLogger(__name__)
EXCEPTION = f"{Cancelled.__module__}.{Cancelled.__qualname__}"
UNFINISHED = frozenset({Status.READY, Status.CLAIMED})
BATCH_SIZE = 500
PATIENCE_SECONDS = 5.0


class Ended(NamedTuple):
    """How many waiting rows were `cancelled`, and how many running ones `asked` to end."""

    cancelled: int
    asked: int


def cancel(jobs: JobQuerySet, by: str, reason: str = "") -> Ended:
    """Fails what waits, with the reason among its errors; asks what runs to end, once.

    A running job ends where its task calls `check_cancelled`, or at its time-out; in no case is it tried again.
    """
    return total(cancel_in_batches(cancellable(jobs), by, reason))


def cancellable(jobs: JobQuerySet) -> list[int]:
    """Keys of the rows that are not over and not asked already."""
    open_rows = jobs.filter(status__in=UNFINISHED, cancel_requested_at__isnull=True)
    return list(open_rows.order_by("pk").values_list("pk", flat=True))


def cancel_in_batches(keys: Sequence[int], by: str, reason: str = "") -> Iterator[Ended]:
    """The same for rows that are known by key, in short transactions."""
    note = storable(f"cancelled by {by}: {reason}" if reason else f"cancelled by {by}")
    for start in range(0, len(keys), BATCH_SIZE):
        ended = _cancel_batch(keys[start : start + BATCH_SIZE], note)
        logger.info("%s; waiting jobs: %s, running jobs: %s", note, ended.cancelled, ended.asked)
        yield ended


def total(parts: Iterable[Ended]) -> Ended:
    cancelled, asked = 0, 0
    for part in parts:
        cancelled, asked = cancelled + part.cancelled, asked + part.asked
    return Ended(cancelled, asked)


def _cancel_batch(keys: Collection[int], note: str) -> Ended:
    """Comes back for rows that another hand holds: to wait for them with others in hand could deadlock."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    ended = _cancel_free(keys, note)
    while left := set(_open(keys).values_list("pk", flat=True)):
        if time.monotonic() > give_up_at:
            logger.warning("jobs held too long by other hands to be cancelled: %s", sorted(left))
            break
        time.sleep(0.01)
        ended = total([ended, _cancel_free(left, note)])
    return ended


@patient
@transaction.atomic
def _cancel_free(keys: Collection[int], note: str) -> Ended:
    rows = _open(keys).order_by("pk").select_for_update(skip_locked=True)
    met = list(rows.only("status", "attempts", "errors"))
    return Ended(_fail([job for job in met if job.status == Status.READY], note), _ask(met))


def _open(keys: Collection[int]) -> QuerySet[Job]:
    return standing(Job.objects.filter(pk__in=keys, cancel_requested_at__isnull=True), "status", UNFINISHED)


def _fail(jobs: Iterable[Job], note: str) -> int:
    return sum(_fail_alike(list(alike), note) for _, alike in groupby(jobs, key=_history))


def _history(job: Job) -> Any:
    return job.attempts, job.errors


def _fail_alike(jobs: Sequence[Job], note: str) -> int:
    """One UPDATE for neighbours with the same errors: mostly none."""
    jobs[0].note_error(EXCEPTION, note)
    waiting = standing(Job.objects.filter(pk__in=[job.pk for job in jobs]), "status", {Status.READY})
    over = {"status": Status.FAILED, "stage": Stage.AVAILABLE, "cancel_requested_at": Now()}
    return waiting.update(**UNCLAIMED, **OVER, **over, errors=jobs[0].errors)


def _ask(jobs: Iterable[Job]) -> int:
    keys = [job.pk for job in jobs if job.status == Status.CLAIMED]
    running = standing(Job.objects.filter(pk__in=keys), "status", {Status.CLAIMED})
    return running.update(cancel_requested_at=Now()) if keys else 0
