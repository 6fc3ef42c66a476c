"""How much work waits, is under way and was done, queue by queue."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from queue_table import clock
from queue_table.lifecycle import Status
from queue_table.models import Job

RECENTLY = timedelta(minutes=5)


@dataclass(frozen=True)
class QueueDepth:
    """One queue at one moment. Ages are in seconds by the database's clock."""

    queue: str
    due: int
    oldest_due_seconds: int
    scheduled: int
    running: int
    lease_over: int
    failed: int
    done_recently: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.as_dict().items())


def queue_depths() -> list[QueueDepth]:
    """Every queue that has a row which is not done, or was done within the last five minutes, in the order of names."""
    due = Q(status=Status.READY, available_at__lte=Now())
    rows = (
        Job.objects.filter(~Q(status=Status.DONE) | Q(finished_at__gte=Now() - RECENTLY))
        .values("queue")
        .annotate(
            due=Count("pk", filter=due),
            oldest=Min("available_at", filter=due),
            scheduled=Count("pk", filter=Q(status=Status.READY, available_at__gt=Now())),
            running=Count("pk", filter=Q(status=Status.CLAIMED)),
            lease_over=Count("pk", filter=Q(status=Status.CLAIMED, lease_expires_at__lt=Now())),
            failed=Count("pk", filter=Q(status=Status.FAILED)),
            done_recently=Count("pk", filter=Q(status=Status.DONE)),
        )
        .order_by("queue")
    )
    now = clock.now()
    return [QueueDepth(oldest_due_seconds=_age(row["oldest"], now), **_counts(row)) for row in rows]


def _counts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "oldest"}


def _age(moment: datetime | None, now: datetime) -> int:
    return max(0, round((now - moment.astimezone(UTC)).total_seconds())) if moment else 0
