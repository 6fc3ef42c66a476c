"""Proves the wiring at start: each kind has a route, each path leads to a task, and no route is stray."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from queue_table.exceptions import UnknownTask
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


def _leads(path: str) -> bool:
    try:
        find_task(path)
    except UnknownTask:
        return False
    return True
