"""The database's clock: the one that all hosts share."""

from datetime import UTC, datetime

from django.db import connection

EPOCH = {
    "sqlite": "SELECT strftime('%s', 'now')",
    "postgresql": "SELECT extract(epoch FROM statement_timestamp())",
    "mysql": "SELECT unix_timestamp()",
}


def epoch() -> int:
    """Whole seconds since 1970-01-01 UTC."""
    with connection.cursor() as cursor:
        cursor.execute(EPOCH[connection.vendor])
        return int(cursor.fetchone()[0])


def now() -> datetime:
    """This moment, to the second, aware."""
    return datetime.fromtimestamp(epoch(), UTC)
