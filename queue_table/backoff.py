"""How long a job waits before its next attempt."""

import random
from datetime import timedelta

BASE_SECONDS = 10.0
LIMIT_SECONDS = 3600.0
JITTER = 0.2


def retry_delay(attempt: int) -> timedelta:
    """The pause after failed attempt number `attempt` (from 1): 10 s, doubled each time, at most an hour, +-20 %.

    The jitter keeps jobs that failed together from coming back together.
    """
    seconds = min(BASE_SECONDS * 2 ** (attempt - 1), LIMIT_SECONDS)
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 (spreads load)
