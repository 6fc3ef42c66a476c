"""SQLite's write-ahead log goes back into its file by a chore, not at the worker's commits.

SQLite itself tries it at each commit after the first thousand pages. While some reader holds a snapshot, each try is in
vain and takes longer than the commit.
"""

from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


def leave_to_the_chore(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """For each connection of a process whose worker does its chores: from now on its commits try nothing."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint = 0")


class Log(NamedTuple):
    """How many pages the log has held since it last began anew, and how many of them are written back."""

    pages: int = 0
    written_back: int = 0


def checkpoint() -> Log:
    """Writes back what no reader needs in the log; waits for nobody. On other databases an empty log."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return Log()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return Log(*cursor.fetchone()[1:])
