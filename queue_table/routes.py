"""Who hears a message, and what a dotted path leads to."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from queue_table.exceptions import NoRoute, UnknownTask
from queue_table.tasks_api import Task


def subscribers(kind: str) -> list[str]:
    """Dotted paths of the tasks that a message of `kind` becomes. Raises NoRoute for a kind nobody wired."""
    try:
        return list(settings.QUEUE_ROUTES[kind])
    except KeyError:
        raise NoRoute(f"QUEUE_ROUTES has no entry for {kind!r}") from None


@cache
def find_task(path: str) -> "Task[..., object]":
    """The task at `path`. Raises UnknownTask if its module can't be imported here or holds no task there."""
    try:
        found = import_string(path)
    except Exception as error:  # a module that fails to load, for whatever reason, is unknown to this worker
        raise UnknownTask(path) from error
    if not isinstance(found, Task):
        raise UnknownTask(path)
    return found
