"""How often something may happen: "10/s", "100/minute", "2000/hour", or a number and a timedelta."""

import re
from datetime import datetime, timedelta
from math import floor
from typing import NamedTuple

SECONDS = {"s": 1, "second": 1, "m": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
WRITTEN = re.compile(rf"([1-9][0-9]*) ?/ ?({'|'.join(SECONDS)})", re.ASCII)
MOST_PER_SECOND = 100_000
LATE_SECONDS = 0.03
A_MICROSECOND = timedelta(microseconds=1)  # the precision of the clocks


class Rate(NamedTuple):
    """So many `times` in `seconds`, evenly spread; after a rest, what one second allows passes at once.

    In any one second at most one more than the rate passes (above 50 a second: 3 % and one more). For n that pass at
    once are paid for afterwards: nothing passes for n intervals. Without rests, who looks seldom gets less than the
    rate, never more.
    """

    times: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds from one to the next."""
        return self.seconds / self.times

    @property
    def burst(self) -> int:
        """How many may happen at once after a rest: what one second allows, and at least one."""
        return max(1, floor(1 / self.interval))

    @property
    def longest_wait(self) -> float:
        """Seconds until the next may pass, at most: a gate that says more was written under another rate."""
        return self.burst * self.interval

    def earned(self, next_at: datetime, now: datetime) -> int:
        """How many may pass by now, if the next one might from `next_at` on."""
        rest = (now - next_at + A_MICROSECOND).total_seconds()
        return min(self.burst, floor(rest / self.interval) + 1) if rest >= 0 else 0

    def after(self, passed: int, next_at: datetime, now: datetime) -> datetime:
        """From when on the next one may pass."""
        late = max(min(self.interval, 1) / 2, LATE_SECONDS)  # by which who looks costs nobody a turn
        return max(next_at, now - timedelta(seconds=late)) + timedelta(seconds=passed * self.interval)


def rate_of(written: object) -> Rate:
    """Raises ValueError, with a sentence, for what is no rate."""
    rate = _read(written)
    if rate is None or rate.times > MOST_PER_SECOND * rate.seconds:
        raise ValueError(
            f'a rate is written "10/s", "100/minute", "2000/hour", "5/day" or (10, timedelta(seconds=1)), '
            f"at most {MOST_PER_SECOND} a second, not {written!r}"
        )
    return rate


def _read(written: object) -> Rate | None:
    match written:
        case str() if matched := WRITTEN.fullmatch(written):
            return Rate(int(matched[1]), SECONDS[matched[2]])
        case (int(times), timedelta() as period) if times > 0 and period > timedelta() and not isinstance(times, bool):
            return Rate(times, period.total_seconds())
    return None
