"""How much work waits, is under way and was done, queue by queue."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Now

from queue_table import clock
from queue_table.counting import (
    BLOCKED,
    CAP,
    CLAIMED,
    FAILED,
    SCHEDULED,
    Counted,
    count_by_queue,
    count_due,
    oldest_due,
)
from queue_table.models import PausedQueue
from queue_table.tally import Rate, rates


@dataclass(frozen=True)
class QueueDepth:
    """One queue at about one moment. Ages and leases are in seconds, by the database's clock."""

    queue: str
    due: int
    oldest_due_seconds: int
    scheduled: int
    blocked: int
    running: int
    lease_over: int
    shortest_lease_seconds: int | None
    """What is left of the lease that ends first: below 0 it is over. None if nothing runs."""
    failed: int
    paused: bool
    done_per_minute: float
    failed_per_minute: float
    at_least: tuple[str, ...]
    """The names of the counts that stopped at their cap: there may be more."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"capped": bool(self.at_least)}

    def counted(self, name: str) -> str:
        """The count as a person reads it: `100000+` where it stopped."""
        return f"{getattr(self, name)}{'+' if name in self.at_least else ''}"

    @property
    def oldest_due(self) -> str:
        """The age as a person reads it, `0:02:05`; `-` if nothing is due."""
        return _age(self.oldest_due_seconds) if self.due or self.oldest_due_seconds else "-"

    @property
    def next_lease_end(self) -> str:
        """Likewise, with a minus for a lease that is over; `-` if nothing runs."""
        return "-" if self.shortest_lease_seconds is None else _age(self.shortest_lease_seconds)


def queue_depths() -> list[QueueDepth]:
    """Every queue that has an unfinished or failed row, is paused, or had a worker lately, in the order of names."""
    return _Reading().depths()


class _Reading:
    """One look at every stage."""

    def __init__(self) -> None:
        self.oldest, self.rates = oldest_due(), rates()
        self.paused = set(PausedQueue.objects.values_list("queue", flat=True))
        self.stages: dict[str, Counted] = {
            "scheduled": count_by_queue(SCHEDULED),
            "blocked": count_by_queue(BLOCKED),
            "running": count_by_queue(CLAIMED, "lease_expires_at"),
            "lease_over": count_by_queue(CLAIMED.filter(lease_expires_at__lt=Now())),
            "failed": count_by_queue(FAILED),
        }
        self.now = clock.now()

    def depths(self) -> list[QueueDepth]:
        seen = (stage.rows for stage in self.stages.values())
        return [self._depth(name) for name in sorted(self.paused.union(self.oldest, self.rates, *seen))]

    def _depth(self, name: str) -> QueueDepth:
        due = count_due(name)
        capped = {"due": due >= CAP} | {stage: counted.capped for stage, counted in self.stages.items()}
        rate = self.rates.get(name, Rate())
        return QueueDepth(
            queue=name,
            due=due,
            oldest_due_seconds=max(0, self._seconds_since(self.oldest.get(name)) or 0),
            shortest_lease_seconds=self._seconds_left(name),
            paused=name in self.paused,
            done_per_minute=round(rate.done, 1),
            failed_per_minute=round(rate.failed, 1),
            at_least=tuple(stage for stage, is_capped in capped.items() if is_capped),
            **{stage: counted.rows.get(name, 0) for stage, counted in self.stages.items()},
        )

    def _seconds_left(self, name: str) -> int | None:
        since = self._seconds_since(self.stages["running"].earliest.get(name))
        return None if since is None else -since

    def _seconds_since(self, moment: datetime | None) -> int | None:
        return None if moment is None else round((self.now - moment).total_seconds())


def _age(seconds: int) -> str:
    return f"{'-' if seconds < 0 else ''}{timedelta(seconds=abs(seconds))}"
