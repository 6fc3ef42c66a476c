"""How jobs ended, counted by the minute beside the rows: nobody has to read finished rows to know what was done."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Now

from queue_table import clock
from queue_table.models import Tally

COUNTED = ("done", "failed", "retried")
LATELY = timedelta(minutes=5)


class Ended(NamedTuple):
    """How many jobs ended how, within a minute. A job that is retried ends once for each attempt."""

    minute: datetime
    done: int
    failed: int
    retried: int


class Rate(NamedTuple):
    """Jobs per minute."""

    done: float = 0.0
    failed: float = 0.0
    retried: float = 0.0


class Tallies:
    """What one worker, in one thread, counted since it last wrote its counts down."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, queue: str, outcome: str, jobs: int = 1) -> None:
        """Outcomes that are neither done, failed nor retried leave only the trace that a worker was here."""
        self._queues[queue][outcome] += jobs

    def flush(self, worker: str) -> None:
        """Adds the counts to the present minute's rows, each in a statement of its own.

        What the database refuses is kept for the next time, and the error goes to the caller.
        """
        if not self._queues:
            return
        minute = _minute(clock.now())
        for queue in sorted(self._queues):
            _add(minute, queue, worker, self._queues[queue])
            del self._queues[queue]


def _add(minute: datetime, queue: str, worker: str, ended: Counter[str]) -> None:
    row = Tally.objects.filter(minute=minute, queue=queue, worker=worker)
    more = {outcome: F(outcome) + ended[outcome] for outcome in COUNTED}
    if not row.update(**more):
        # Empty, and whoever was first: so no two hands overwrite each other's counts.
        Tally.objects.bulk_create([Tally(minute=minute, queue=queue, worker=worker)], ignore_conflicts=True)
        row.update(**more)


def throughput(minutes: int = 60) -> list[Ended]:
    """The sums of all workers and queues by minute, up to the present one. Minutes without any are left out.

    In the index's own order: no database needs to sort, and MariaDB does not read the counts of all days for it.
    """
    rows = Tally.objects.filter(minute__gt=Now() - timedelta(minutes=minutes)).values_list("minute")
    return [Ended(*row) for row in rows.annotate(*map(Sum, COUNTED)).order_by("minute")]


def rates() -> dict[str, Rate]:
    """Of the last five minutes, the one that has just begun included, for each queue in which a worker was seen."""
    now = clock.now()
    since = _minute(now - LATELY) + timedelta(minutes=1)
    minutes = (now - since).total_seconds() / 60
    rows = Tally.objects.filter(minute__gte=since).values_list("queue").annotate(*map(Sum, COUNTED))
    return {queue: Rate(*(count / minutes for count in counts)) for queue, *counts in rows.order_by("queue")}


def was_worker_seen(queue: str, within: timedelta) -> bool:
    """Did any worker end an attempt in this queue?"""
    return Tally.objects.filter(minute__gt=Now() - within, queue=queue).exists()


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
