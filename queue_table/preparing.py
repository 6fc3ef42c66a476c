"""A cursor for the few statements that are said again and again."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper


def prepared_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """PostgreSQL parses and plans each statement of this cursor once per connection, which Django's own never does.

    Elsewhere it is the connection's cursor. Only for constant texts: each one stays prepared.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor  # there is no psycopg on every machine

    connection.ensure_connection()
    connection.connection.prepare_threshold = 0
    wrapper: Any = connection
    cursor: Any = ServerBindingCursor
    # As connection.cursor() does it: with Django's own errors, and seen by whoever logs the queries.
    return wrapper._prepare_cursor(cursor(connection.connection))  # type: ignore[no-any-return]
