"""Finished rows go after a while; failed ones stay for a person to look at."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from queue_table import clock
from queue_table.batches import forget_finished_batches
from queue_table.duty_slots import duty_slots
from queue_table.lifecycle import Status
from queue_table.limits import forget_unused_keys
from queue_table.models import Job, Tally
from queue_table.tasks_api import task

BATCH_SIZE = 1000
TALLIES_KEPT = timedelta(days=8)


def prune(older_than: timedelta, batch_size: int = BATCH_SIZE) -> Iterator[int]:
    """Deletes done rows that finished longer ago than that, and yields how many of each batch of rows it were.

    It walks up the primary key, which is about the order of creation, and ends at the first batch in which all rows
    are too young to have finished so long ago. So it reads what it deletes and what outlived it, and needs no index. A
    batch is read without a lock and deleted by key in a short transaction of its own: done rows are in nobody's hands,
    so it waits for no claim and no claim waits for it. The rows of the present slots of duties stay, whatever their
    age, for the slot would be enqueued again.
    """
    now = clock.now()
    present = {slot.key for slot in duty_slots(now).values()}
    for rows in _batches(batch_size):
        if all(row.created_at >= now - older_than for row in rows):
            return
        done = (row for row in rows if row.status == Status.DONE and row.finished_at < now - older_than)
        yield _delete([row.pk for row in done if row.dedupe_key not in present])


def prune_tallies(batch_size: int = BATCH_SIZE) -> int:
    """Deletes the counts of minutes before the last eight days; returns how many rows they were."""
    old = Tally.objects.filter(minute__lt=clock.now() - TALLIES_KEPT).order_by("minute").values_list("pk", flat=True)
    gone = 0
    while keys := list(old[:batch_size]):
        gone += Tally.objects.filter(pk__in=keys).delete()[0]
    return gone


@task
def prune_finished_jobs() -> int:
    """The nightly duty: how many rows of jobs went."""
    prune_tallies()
    forget_unused_keys(timedelta(days=1))
    forget_finished_batches(timedelta(days=settings.QUEUE_KEEP_DAYS))
    return sum(prune(timedelta(days=settings.QUEUE_KEEP_DAYS)))


def _batches(size: int) -> Iterator[list[Any]]:
    rows = Job.objects.order_by("pk").values_list("pk", "status", "created_at", "finished_at", "dedupe_key", named=True)
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk


def _delete(keys: Sequence[int]) -> int:
    """Then rests for as long as it took: SQLite's other writers find the lock free every other moment."""
    if not keys:
        return 0
    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        # One by one: given all, MariaDB may read a small table from end to end, and wait for what is claimed in it.
        cursor.executemany("DELETE FROM order_queue WHERE id = %s", [(key,) for key in keys])
        gone = int(cursor.rowcount)
    time.sleep(time.monotonic() - began)
    return gone
