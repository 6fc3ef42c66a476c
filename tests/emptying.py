"""Empties the tables after a test that committed: the few that it has filled.

Django's own flush empties all fifty and makes each content type and permission anew, and a table that PostgreSQL
truncates gets new files, synced to the disk.
"""

from functools import cache

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from queue_table.models import Job

KEPT = {Permission._meta.db_table, ContentType._meta.db_table}  # `migrate` fills them, and no test changes them
CACHE = "cache"  # no model's table; it counts wrong passwords


def empty_tables() -> None:
    """All but those that `migrate` fills."""
    names = _names()
    looks = ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in names)  # noqa: S608 (our own tables' names)
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {looks}")
        for name, holds_rows in zip(names, cursor.fetchone(), strict=True):
            if holds_rows:
                cursor.execute(f"{_verb(name)} {name}")


def _verb(name: str) -> str:
    """PostgreSQL's planner looks at a table's pages, dead rows and all: tests of the queue's plans need fresh ones."""
    fresh = connection.vendor == "postgresql" and name == connection.ops.quote_name(Job._meta.db_table)
    return "TRUNCATE" if fresh else "DELETE FROM"


@cache
def _names() -> list[str]:
    models = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in (*sorted(set(models) - KEPT), CACHE)]
