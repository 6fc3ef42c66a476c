"""Cursors for the few statements that are said again and again."""

from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.db.backends.utils import CursorWrapper


def kept_cursor(connection: BaseDatabaseWrapper, *, rows: bool = False) -> CursorWrapper:
    """A cursor that is made once per connection and stays open, for statements that return no `rows`, or those whose
    rows are fetched to the end.

    What is worked out from a text is worked out once: on PostgreSQL its plan, which Django's own cursors never keep.
    Only for constant texts, then.
    """
    connection.close_if_health_check_failed()
    if connection.connection is None:
        connection.ensure_connection()
    wrapper: Any = connection
    about = (connection.connection, connection.queries_logged)
    if getattr(wrapper, "_kept_for", None) != about:
        wrapper._kept_for = about
        wrapper._kept_cursors = {one: _new_cursor(wrapper, rows=one) for one in (False, True)}
    return wrapper._kept_cursors[rows]  # type: ignore[no-any-return]


def _new_cursor(connection: Any, *, rows: bool) -> CursorWrapper:
    """As connection.cursor() makes it: with Django's own errors, and seen by whoever logs the queries."""
    bare = _bare_cursor(connection, rows=rows)
    made: CursorWrapper = connection._prepare_cursor(bare)
    return _Short(bare, connection) if type(made) is CursorWrapper else made


class _Short(CursorWrapper):
    """Django's, with fewer calls between: after a commit's wait for the disk each is slow, for no cache knows it."""

    def execute(self, sql: Any, params: Any = ()) -> Any:
        if self.db.execute_wrappers or self.db.needs_rollback:
            return super().execute(sql, params)
        try:
            return self.cursor.execute(sql, params)
        except Exception:
            with self.db.wrap_database_errors:
                raise

    @property
    def rowcount(self) -> int:
        return int(self.cursor.rowcount)


def _bare_cursor(connection: Any, *, rows: bool) -> Any:
    if connection.vendor == "sqlite":
        return connection.connection.cursor(factory=_Remembering)
    if connection.vendor != "postgresql":
        return connection.create_cursor()
    # There is no psycopg on every machine.
    from django.db.backends.postgresql.base import ServerBindingCursor

    from queue_table.direct import DirectCursor

    connection.connection.prepare_threshold = 0
    # After each rollback psycopg would have the server forget whatever is prepared on the connection, also what the
    # direct cursor did, and the next job would fail. Constant statements on standing tables stay good.
    connection.connection._prepared.clear = lambda: False
    cursor: Any = ServerBindingCursor if rows else DirectCursor
    return cursor(connection.connection)


class _Remembering(SQLiteCursorWrapper):
    """Django's, but it turns a text into SQLite's own style once, and not each time."""

    known: ClassVar[dict[str, str]] = {}

    def execute(self, query: str, params: Any = ()) -> Any:
        text = self.known.get(query) or self.known.setdefault(query, str(self.convert_query(query)))
        return super(SQLiteCursorWrapper, self).execute(text, params)  # not Django's, which works it out anew
