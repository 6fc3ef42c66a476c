"""When a periodic duty is due: once in each slot of an interval, or once a day by the clock on the shop's wall.

An interval's slots lie on the epoch, so they know no time zone. A wall-clock time has one slot a day: when the clocks
go forward over it, at the first moment after the gap; when it comes twice, at the first of the two.
"""

import re
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

ONE_DAY = timedelta(days=1)
WALL_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class DutySlot(NamedTuple):
    """Key and bounds: a duty runs once from `begins_at` on, and not again before `ends_at`."""

    key: str
    begins_at: datetime
    ends_at: datetime


def is_rhythm(every: object) -> bool:
    """True for what QUEUE_DUTIES may say: whole seconds between two runs, or a time of the day as "HH:MM"."""
    if isinstance(every, str):
        return WALL_CLOCK.fullmatch(every) is not None
    return isinstance(every, int) and not isinstance(every, bool) and every > 0


def duty_slots(now: datetime) -> dict[str, DutySlot]:
    """The slot in which `now` lies, for each task in QUEUE_DUTIES."""
    return {path: _slot(path, every, now) for path, every in settings.QUEUE_DUTIES.items()}


def _slot(path: str, every: int | str, now: datetime) -> DutySlot:
    return _of_day(path, time.fromisoformat(every), now) if isinstance(every, str) else _of_interval(path, every, now)


def _of_interval(path: str, seconds: int, now: datetime) -> DutySlot:
    begin = int(now.timestamp()) // seconds * seconds
    return DutySlot(f"{path}:{begin}", datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(begin + seconds, UTC))


def _of_day(path: str, wall_clock: time, now: datetime) -> DutySlot:
    day = timezone.localtime(now, timezone.get_default_timezone()).date()
    if moment_of(day, wall_clock) > now:
        day -= ONE_DAY
    return DutySlot(f"{path}:{day}", moment_of(day, wall_clock), moment_of(day + ONE_DAY, wall_clock))


def moment_of(day: date, wall_clock: time) -> datetime:
    """When the clocks in the shop's time zone show this time on this day: the first moment, if there are two."""
    zone = timezone.get_default_timezone()
    shown = datetime.combine(day, wall_clock, zone)
    moment = shown.astimezone(UTC)
    exists = moment.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None)
    return moment if exists else _end_of_gap(shown)


def _end_of_gap(shown: datetime) -> datetime:
    """The clocks go forward between the moments that the new offset and the old one would make of this time."""
    by_new, by_old = (shown.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    new_offset = shown.replace(fold=1).utcoffset()

    def is_past_gap(second: int) -> bool:
        return (by_new + timedelta(seconds=second)).astimezone(shown.tzinfo).utcoffset() == new_offset

    seconds = range(int((by_old - by_new).total_seconds()))
    return by_new + timedelta(seconds=bisect_left(seconds, True, key=is_past_gap))
