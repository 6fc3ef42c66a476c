# ruff: noqa: S608 (the statements are put together from constants)

from pathlib import Path
from typing import Any

from tests.benchmarks.databases.base import Database, database_in

try:
    import pysqlite3 as sqlite3  # the build that the shop uses, where it is installed
except ImportError:
    import sqlite3

MOMENT = "%Y-%m-%d %H:%M:%f"


class Sqlite(Database):
    name = "SQLite"
    now, in_a_month = f"strftime('{MOMENT}', 'now')", f"strftime('{MOMENT}', 'now', '+30 days')"

    def connect(self) -> Any:
        connection = sqlite3.connect(database_in(self.url), timeout=60, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def spelt(self, statement: str) -> str:
        return statement.replace("%s", "?").replace("%%", "%")

    def create(self) -> None:
        Path(database_in(self.url)).parent.mkdir(parents=True, exist_ok=True)

    def drop(self) -> None:
        self.close()
        for ending in ("", "-wal", "-shm"):
            Path(database_in(self.url) + ending).unlink(missing_ok=True)

    def clear(self, table: str) -> None:
        self.run(f"DELETE FROM {table}")

    def settle(self, table: str) -> None:
        self.run(f"ANALYZE {table}")
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def series(self, rows: int) -> str:
        counted = f"SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}"
        return f"(WITH RECURSIVE numbers AS ({counted}) SELECT n FROM numbers) AS series"

    def columns(self, table: str) -> list[str]:
        return [row[0] for row in self.run("SELECT name FROM pragma_table_info(%s)", [table])]

    def hold_snapshot(self) -> Any:
        connection = self.connect()
        connection.execute("BEGIN DEFERRED")
        connection.execute("SELECT count(*) FROM django_migrations").fetchall()
        return connection

    def version(self) -> str:
        return str(sqlite3.sqlite_version)
