"""Counts and ages in a table of millions of rows: each is read along the index of one stage, and stops at a cap.

No count looks at finished rows. Rows move while one count follows the other, so all of them together are no snapshot.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connections
from django.db.models import Min, QuerySet
from django.db.models.functions import Now

from queue_table.lifecycle import Stage, Status
from queue_table.models import Job

CAP = 100_000
OLDEST_AMONG = 1000

AVAILABLE = Job.objects.filter(status=Status.READY, stage=Stage.AVAILABLE)
SCHEDULED = Job.objects.filter(stage=Stage.SCHEDULED).order_by("available_at")
BLOCKED = Job.objects.filter(stage=Stage.BLOCKED, limit_key__isnull=False)
CLAIMED = Job.objects.filter(status=Status.CLAIMED)
FAILED = Job.objects.filter(status=Status.FAILED)


class Counted(NamedTuple):
    """Rows of one stage by queue, with the earliest moment if asked for. Capped: there are at least so many."""

    rows: dict[str, int]
    earliest: dict[str, datetime]
    capped: bool


def count_by_queue(rows: QuerySet[Job], earliest_of: str = "", cap: int | None = None) -> Counted:
    """Reads up to `cap` rows in all (by default CAP), so one queue's many may hide the last of another's.

    A moment is asked for only where it is needed: without one, MariaDB counts failed rows in the index alone.
    """
    cap = CAP if cap is None else cap
    connection = connections[rows.db]
    columns, moment = (["queue", earliest_of], f"MIN({earliest_of})") if earliest_of else (["queue"], "NULL")
    few, parameters = rows.values(*columns)[:cap].query.sql_with_params()
    with connection.cursor() as cursor:
        # Grouped after the cap: the ORM would group before it.
        cursor.execute(f"SELECT queue, COUNT(*), {moment} FROM ({few}) few GROUP BY queue", parameters)  # noqa: S608
        found = cursor.fetchall()
    counts = {queue: int(count) for queue, count, _ in found}
    earliest = {queue: _aware(moment) for queue, _, moment in found if moment}
    return Counted(counts, earliest, sum(counts.values()) >= cap)


def count_due(queue: str) -> int:
    """Up to CAP rows that a worker may take at once."""
    return AVAILABLE.filter(queue=queue)[:CAP].count()


def oldest_due() -> dict[str, datetime]:
    """Since when the oldest due row of each queue has waited, whether a worker has noticed yet that it is due or not.

    It is looked for among the first 1,000 rows of each priority, in claim order: so a row that more urgent ones keep
    from its turn is seen too.
    """
    overdue = SCHEDULED.filter(available_at__lte=Now())
    oldest = count_by_queue(overdue, "available_at", OLDEST_AMONG).earliest
    for queue, priority in _lanes():
        # At most this priority, not equal to it: else the order is that of the primary key, and finished rows are read.
        lane = AVAILABLE.filter(queue=queue, priority__lte=priority).order_by("-priority", "id")
        first = lane.values("available_at")[:OLDEST_AMONG].aggregate(first=Min("available_at"))["first"]
        if first:  # a worker may have taken the last one meanwhile
            oldest[queue] = min(first, oldest.get(queue, first))
    return oldest


def _lanes() -> Iterator[tuple[str, int]]:
    """Each queue and priority that has an available row: one step down the claim's index for each."""
    heads = AVAILABLE.order_by("queue", "-priority", "id").values_list("queue", "priority")
    lane = heads.first()
    while lane:
        yield lane
        queue, priority = lane
        lane = heads.filter(queue=queue, priority__lt=priority).first() or heads.filter(queue__gt=queue).first()


def _aware(moment: datetime | str) -> datetime:
    """Past the ORM, SQLite says a moment as text, and MariaDB without its zone: UTC, in which Django stores it."""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read if read.tzinfo else read.replace(tzinfo=UTC)
