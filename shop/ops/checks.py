"""What `manage.py check` says before the shop starts on it: things that work in a demo and hurt in a shop."""

import sqlite3  # the packaged one, if shop.databases found it
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connection

SOUND_SQLITE = (3, 51, 3)
PROCESS_LOCAL_CACHE = "django.core.cache.backends.locmem.LocMemCache"


@checks.register
def sqlite_is_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    """SQLite's WAL reset could lose a commit when two processes met in it; 3.51.3 mended that."""
    if connection.vendor != "sqlite" or sqlite3.sqlite_version_info >= SOUND_SQLITE:
        return []
    return [
        checks.Warning(
            f"SQLite {sqlite3.sqlite_version} can lose a commit when several processes write.",
            hint="Install the fixed build that requirements.txt names (make setup), or use PostgreSQL or MariaDB.",
            id="shop.W001",
        )
    ]


@checks.register
def caches_are_shared(**kwargs: Any) -> list[checks.CheckMessage]:
    """What one process caches in its own memory, the others never see change."""
    if not settings.PRODUCTION:
        return []
    return [
        checks.Error(
            f"The cache {alias!r} lives in one process's memory.",
            hint="Use a shared one, or none.",
            id="shop.E001",
        )
        for alias, cache in settings.CACHES.items()
        if cache["BACKEND"] == PROCESS_LOCAL_CACHE
    ]
