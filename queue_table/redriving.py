"""Failed jobs run again by staff's hand, when the cause is mended; and jobs that wait for their time run now."""

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from queue_table import bell
from queue_table.guards import standing
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from queue_table.narrowing import narrowed
from queue_table.patience import patient
from queue_table.querysets import BEFORE_ITS_TURN

logger = logging.getLogger(__name__)
BATCH_SIZE = 500


def failed_keys(
    *,
    failed_since: datetime | None = None,
    failed_before: datetime | None = None,
    exception: str = "",
    most: int | None = None,
    **known: Any,
) -> list[int]:
    """Keys of the oldest `most` failed jobs that are `narrowed` by what is known of them.

    They failed between the two moments, and the last error's name or text holds `exception`, to the letter.
    """
    failed = narrowed(Job.objects.filter(status=Status.FAILED), **known).order_by("pk")
    if failed_since is not None:
        failed = failed.filter(finished_at__gte=failed_since)
    if failed_before is not None:
        failed = failed.filter(finished_at__lt=failed_before)
    keys = failed.values_list("pk", flat=True)
    if not exception:
        return list(keys[:most])
    # JSON is searched in Python: three databases spell it in three ways, and hold it escaped or not.
    return list(islice(with_error(list(keys), exception), most))


def with_error(keys: Sequence[int], text: str) -> Iterator[int]:
    """Those of these rows whose last error's name or text holds this. Each row's errors are read, 500 at a time."""
    return (key for batch in _batches(keys) for key in _with_error(batch, text))


def redrive(keys: Sequence[int], by: str) -> Iterator[int]:
    """Makes the failed ones among these rows ready, batch by batch, and yields how many each batch was.

    Attempts are given back, errors are kept. A row with a limit key waits for its place again.
    """
    for batch in _batches(keys):
        ready = patient(Job.objects.filter(pk__in=batch).run_again)()
        bell.ring()
        logger.info("failed jobs made ready again by %s: %s", by, ready)
        yield ready


@patient
def run_now(keys: Collection[int], by: str) -> int:
    """Ends the waiting of scheduled rows; returns of how many."""
    waiting = standing(Job.objects.filter(pk__in=keys), "stage", {Stage.SCHEDULED})
    count = waiting.update(stage=BEFORE_ITS_TURN, available_at=Now(), updated_at=Now())
    bell.ring()
    logger.info("scheduled jobs made ready by %s: %s", by, count)
    return count


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + BATCH_SIZE] for start in range(0, len(keys), BATCH_SIZE))


def _with_error(keys: Sequence[int], text: str) -> Iterator[int]:
    rows: QuerySet[Job, Any] = Job.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "errors")
    return (key for key, errors in rows if errors and text in f"{errors[-1]['exception']} {errors[-1]['traceback']}")
