"""Under which key a row shares a limit, and what that limit is.

A task's own key goes before its queue's. The key is decided when the row is written and stays; the numbers are those
that the task or the settings give when the row is admitted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from queue_table.rates import Rate, rate_of
from queue_table.routes import find_task
from queue_table.task import QueueTask
from queue_table.tasks_api import InvalidTaskError, Task

OF_QUEUE = "queue:"
LONGEST_KEY = 190  # as the column


class Limit(NamedTuple):
    """What the rows of one key share. None: as many as there are."""

    concurrency: int | None = None
    rate: Rate | None = None


def limit_key(task: "Task[..., Any]", args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """The key of a row that runs `task` with these arguments; None for most. Raises InvalidTaskError for an odd one."""
    key = _own_key(task, args, kwargs) if isinstance(task, QueueTask) else None
    return f"{OF_QUEUE}{task.queue_name}" if key is None and task.queue_name in settings.QUEUE_LIMITS else key


def _own_key(task: "QueueTask[..., Any]", args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    key = task.concurrency_key
    if callable(key):
        key = key(*args, **kwargs)
    elif key is None and task.rate is not None:
        key = task.module_path
    return None if key is None else _checked(task, key)


def _checked(task: "QueueTask[..., Any]", key: object) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY or "\0" in key:
        raise InvalidTaskError(f"{task.module_path}: its key must be a text of 1 to {LONGEST_KEY} letters, not {key!r}")
    if key.startswith(OF_QUEUE):
        raise InvalidTaskError(f"{task.module_path}: keys that begin with {OF_QUEUE} are those of queues, not {key!r}")
    return key


def limit_of(key: str, path: str) -> Limit:
    """What the settings, or the task at `path`, say at present. Raises UnknownTask if there is no such task here."""
    if key.startswith(OF_QUEUE):
        return queue_limit(key.removeprefix(OF_QUEUE))
    task = find_task(path)
    if not isinstance(task, QueueTask):
        return Limit()
    return Limit(None if task.concurrency_key is None else task.concurrency_limit, task.rate)


def queue_limit(queue: str) -> Limit:
    """What QUEUE_LIMITS says of a queue; no limit if nothing (any more). Raises ImproperlyConfigured for nonsense."""
    written = settings.QUEUE_LIMITS.get(queue, {})
    concurrency = written.get("concurrency")
    rate = _queue_rate(queue, written["rate"]) if "rate" in written else None
    if not written.keys() <= {"rate", "concurrency"} or not (concurrency is None or _counts(concurrency)):
        raise ImproperlyConfigured(
            f'QUEUE_LIMITS[{queue!r}] must look like {{"rate": "2/s", "concurrency": 4}}, or hold one of the two.'
        )
    return Limit(concurrency, rate)


def _queue_rate(queue: str, written: object) -> Rate:
    try:
        return rate_of(written)
    except ValueError as error:
        raise ImproperlyConfigured(f"QUEUE_LIMITS[{queue!r}]: {error}.") from None


def _counts(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1
