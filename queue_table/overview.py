"""The queues at one look: how much waits in each now, and what became of the jobs of the last hour and day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from queue_table import clock
from queue_table.depth import QueueDepth, queue_depths
from queue_table.models import PausedQueue
from queue_table.tally import Ended, throughput

MINUTES_OF_HOUR, MINUTES_OF_DAY = 60, 1440
SLICE_OF_DAY = 30


@dataclass
class Slice:
    """How jobs ended, in all queues, in the time that begins `at`."""

    at: datetime
    done: int = 0
    failed: int = 0
    retried: int = 0

    @property
    def not_done(self) -> int:
        return self.failed + self.retried

    def add(self, ended: Ended) -> None:
        self.done += ended.done
        self.failed += ended.failed
        self.retried += ended.retried


@dataclass(frozen=True)
class Overview:
    depths: Sequence[QueueDepth]
    paused: dict[str, PausedQueue]
    hour: Sequence[Slice]
    """Minute by minute; the last one is not over."""
    day: Sequence[Slice]
    """Half-hour by half-hour."""


def overview() -> Overview:
    """By the database's clock."""
    now = clock.now()
    ended = throughput(MINUTES_OF_DAY + SLICE_OF_DAY)
    return Overview(
        depths=queue_depths(),
        paused=PausedQueue.objects.in_bulk(),
        hour=slices(ended, now, minutes=1, count=MINUTES_OF_HOUR),
        day=slices(ended, now, minutes=SLICE_OF_DAY, count=MINUTES_OF_DAY // SLICE_OF_DAY),
    )


def slices(ended: Iterable[Ended], now: datetime, *, minutes: int, count: int) -> list[Slice]:
    """The last `count` slices of so many minutes, empty ones too, up to the one that holds `now`."""
    width = timedelta(minutes=minutes)
    last = now - timedelta(seconds=now.timestamp() % width.total_seconds())
    found = [Slice(last - width * back) for back in reversed(range(count))]
    for row in ended:
        place = (row.minute - found[0].at) // width
        if 0 <= place < count:
            found[place].add(row)
    return found
