"""A Django task with the queue's own arguments: `@task(atomic=True, max_attempts=5, rate_limit="10/s")`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ParamSpec, TypeVar

from queue_table.rates import Rate, rate_of
from queue_table.tasks_api import InvalidTaskError, Task

P = ParamSpec("P")
T = TypeVar("T")
MOST_ATTEMPTS = 1000
LONGEST_SECONDS = 366 * 86400
LONGEST_PATH, LONGEST_QUEUE = 255, 64  # as the columns


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTask(Task[P, T]):
    """Raises InvalidTaskError, with a sentence, for arguments that make no sense."""

    max_attempts: int = 3
    """Attempts before the row fails; each claim is one."""

    atomic: bool = False
    """The task's writes, the messages it publishes and its own 2 -> 1 commit together, or not at all.

    For tasks that only speak to the database. One that speaks to the outside runs without, and must be idempotent.
    """

    timeout: timedelta | float | None = None
    """A timedelta, or seconds: an attempt that takes longer is ended, with its process. None: as the settings say."""

    retry_delays: Sequence[timedelta | float] = ()
    """The pause after attempt 1, 2, …, each a timedelta or seconds; the last repeats. Empty: exponential backoff."""

    concurrency_key: str | Callable[..., str | None] | None = None
    """Jobs of one key share the limit. A callable gets the task's arguments; None from it: this job has no key."""

    concurrency_limit: int | None = 1
    """At most so many jobs of one key are under way at once, over all workers. None: the key is for the rate alone."""

    rate_limit: str | tuple[int, timedelta] | None = None
    """At most so many jobs of one key, and one more, are let through in that time: "10/s", (10, timedelta(minutes=1)).

    They are spread evenly; after a rest, what one second allows passes at once (rates.py says exactly what is kept).

    Without a concurrency_key the task itself is the key, and any number may be under way at once.
    """

    timeout_seconds: float | None = field(init=False, repr=False, compare=False, default=None)
    rate: Rate | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        _whole("max_attempts", self.max_attempts, MOST_ATTEMPTS)
        _settle(self, "timeout_seconds", None if self.timeout is None else _seconds("timeout", self.timeout, 0.001))
        _settle(self, "retry_delays", _pauses(self.retry_delays))
        _settle(self, "rate", None if self.rate_limit is None else _rate(self.rate_limit))
        _check_limits(self)
        if len(self.module_path) > LONGEST_PATH:
            raise InvalidTaskError(f"{self.module_path} is longer than {LONGEST_PATH} letters.")
        if not _is_name(self.queue_name):
            raise InvalidTaskError(f"A queue's name has 1 to {LONGEST_QUEUE} printable letters: {self.queue_name!r}.")
        Task.__post_init__(self)

    def retry_delay_after(self, attempt: int) -> timedelta | None:
        """The pause that this task wants after failed attempt number `attempt`, from 1; None: the backoff's."""
        delays: Sequence[timedelta] = self.retry_delays  # type: ignore[assignment]  # timedeltas since __post_init__
        return delays[min(attempt, len(delays)) - 1] if delays else None


def _is_name(queue: str) -> bool:
    return 0 < len(queue) <= LONGEST_QUEUE and queue.isprintable()


def _settle(task: object, name: str, value: object) -> None:
    object.__setattr__(task, name, value)


def _whole(name: str, number: object, most: int) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        raise InvalidTaskError(f"{name} must be a whole number from 1 to {most}, not {number!r}.")


def _seconds(name: str, span: object, least: float) -> float:
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not least <= seconds <= LONGEST_SECONDS:
        raise InvalidTaskError(f"{name} must be a timedelta, or seconds, from {least} s to 366 days, not {span!r}.")
    return float(seconds)


def _pauses(delays: object) -> tuple[timedelta, ...]:
    if not isinstance(delays, Sequence) or isinstance(delays, str | bytes):
        raise InvalidTaskError(f"retry_delays must be a list of timedeltas or seconds, not {delays!r}.")
    return tuple(timedelta(seconds=_seconds("Each of retry_delays", delay, 0)) for delay in delays)


def _rate(written: object) -> Rate:
    try:
        return rate_of(written)
    except ValueError as error:
        raise InvalidTaskError(f"rate_limit: {error}.") from None


def _check_limits(task: "QueueTask[P, T]") -> None:
    if task.concurrency_limit is not None:
        _whole("concurrency_limit", task.concurrency_limit, 1_000_000)
    key = task.concurrency_key
    if key is None and task.concurrency_limit not in (1, None):
        raise InvalidTaskError("concurrency_limit needs a concurrency_key: the jobs of one key share the limit.")
    if key is not None and not callable(key) and not (isinstance(key, str) and key):
        raise InvalidTaskError(f"concurrency_key must be a text, or a callable on the task's arguments, not {key!r}.")
    if task.concurrency_limit is None and task.rate is None:
        raise InvalidTaskError("concurrency_limit=None leaves the key without a limit: give a rate_limit.")
