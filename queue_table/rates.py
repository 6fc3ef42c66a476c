"""How often something may happen: "10/s", "100/minute", "2000/hour", or a number and a timedelta."""

import re
from datetime import timedelta
from math import floor
from typing import NamedTuple

SECONDS = {"s": 1, "second": 1, "m": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
WRITTEN = re.compile(rf"([1-9][0-9]*) ?/ ?({'|'.join(SECONDS)})", re.ASCII)
MOST_PER_SECOND = 100_000


class Rate(NamedTuple):
    """So many `times` in `seconds`, evenly spread."""

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
    def credit(self) -> float:
        """Seconds of rest that are made up for: who looks now and then must not lose what came due between."""
        return max((self.burst - 1) * self.interval, min(self.interval, 1) / 2)


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
