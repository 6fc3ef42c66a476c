"""Reading one moment of the database: what others commit meanwhile is not seen, and nobody is kept waiting."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, Error, connections

BEGIN = {
    "sqlite": ["BEGIN DEFERRED"],  # not Django's, which is IMMEDIATE and would lock all writers out
    "postgresql": ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"],
    "mysql": [
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ],
}


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is of the same moment. Inside another transaction it is that transaction's view.

    For reading alone, and for short: on PostgreSQL and SQLite an old snapshot keeps what is deleted from being cleared.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        for statement in BEGIN[connection.vendor]:
            cursor.execute(statement)
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:  # the connection may be the thing that is gone
            cursor.execute("ROLLBACK")
