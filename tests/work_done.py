"""How much a database reads for something, by its own count."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection


def work_done(by: Callable[[], object]) -> int:
    """PostgreSQL: pages; MariaDB: entries of tables and indexes; SQLite: instructions, in hundreds."""
    return {"sqlite": _instructions, "postgresql": _pages, "mysql": _entries}[connection.vendor](by)


def _instructions(by: Callable[[], object]) -> int:
    count = [0]

    def one_more() -> None:
        count[0] += 1

    connection.ensure_connection()
    connection.connection.set_progress_handler(one_more, 100)
    by()
    connection.connection.set_progress_handler(None, 0)
    return count[0]


def _entries(by: Callable[[], object]) -> int:
    before = _handled()
    by()
    return _handled() - before


def _handled() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(value) for _, value in cursor.fetchall())


def _pages(by: Callable[[], object]) -> int:
    """What reads is run once more, and explained."""
    pages = 0

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal pages
        if sql.lstrip().startswith(("SELECT", "WITH")) and " UPDATE " not in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                found = cursor.fetchone()[0]
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        by()
    return pages
