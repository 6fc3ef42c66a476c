"""Proves the wiring at start: each kind has a route, each path leads to a task, and no route is stray."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from queue_table.duty_slots import is_rhythm
from queue_table.exceptions import UnknownTask
from queue_table.limit_keys import queue_limit
from queue_table.messages import message_kinds
from queue_table.routes import find_task


@register
def check_routes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    kinds, routed = set(message_kinds()), set(settings.QUEUE_ROUTES)
    return [
        *(Error(f"QUEUE_ROUTES has no entry for the kind {kind}.", id="queue_table.E001") for kind in kinds - routed),
        *(
            Error(f"QUEUE_ROUTES names {kind}: there is no such kind.", id="queue_table.E002")
            for kind in routed - kinds
        ),
    ]


@register
def check_task_paths(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    paths = {path for route in settings.QUEUE_ROUTES.values() for path in route} | set(settings.QUEUE_DUTIES)
    return [Error(f"{path} leads to no task.", id="queue_table.E003") for path in sorted(paths) if not _leads(path)]


@register
def check_duties(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    text = 'QUEUE_DUTIES[{!r}] must be a whole number of seconds, at least 1, or a time of the day as "HH:MM".'
    odd = [path for path, every in settings.QUEUE_DUTIES.items() if not is_rhythm(every)]
    return [Error(text.format(path), id="queue_table.E004") for path in odd]


@register
def check_limits(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for queue in settings.QUEUE_LIMITS:
        try:
            queue_limit(queue)
        except ImproperlyConfigured as error:
            problems.append(Error(str(error), id="queue_table.E005"))
    return problems


def _leads(path: str) -> bool:
    try:
        find_task(path)
    except UnknownTask:
        return False
    return True
