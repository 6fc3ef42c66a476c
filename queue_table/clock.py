"""The database's clock: the one that all hosts share."""

from datetime import UTC, datetime

from django.db import connection

EPOCH = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM statement_timestamp())",
    "mysql": "SELECT unix_timestamp(now(6))",
}


def epoch() -> float:
    """Seconds since 1970-01-01 UTC, to the millisecond or finer."""
    with connection.cursor() as cursor:
        cursor.execute(EPOCH[connection.vendor])
        return float(cursor.fetchone()[0])


def now() -> datetime:
    """This moment, aware."""
    return datetime.fromtimestamp(epoch(), UTC)
