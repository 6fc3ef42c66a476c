from importlib.metadata import version
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from tests.benchmarks.databases.base import Database, database_in


class Mariadb(Database):
    name = "MariaDB"
    now, in_a_month = "now(6)", "now(6) + INTERVAL 30 DAY"

    def connect(self) -> "pymysql.Connection[Any]":
        return self._connect(database_in(self.url))

    def _connect(self, database: str | None) -> "pymysql.Connection[Any]":
        where = urlsplit(self.url)
        connection = pymysql.connect(
            host=where.hostname or "127.0.0.1",
            port=where.port or 3306,
            user=unquote(where.username or ""),
            password=unquote(where.password or ""),
            database=database,
            autocommit=True,
            charset="utf8mb4",
            connect_timeout=5,
        )
        cursor = connection.cursor()
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return connection

    def create(self) -> None:
        self._manage(f"CREATE DATABASE `{database_in(self.url)}` CHARACTER SET utf8mb4")

    def drop(self) -> None:
        self.close()
        self._manage(f"DROP DATABASE IF EXISTS `{database_in(self.url)}`")

    def _manage(self, statement: str) -> None:
        with self._connect(None) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def clear(self, table: str) -> None:
        self.run(f"TRUNCATE TABLE {table}")

    def settle(self, table: str) -> None:
        self.run(f"ANALYZE TABLE {table}")

    def series(self, rows: int) -> str:
        return f"seq_1_to_{rows} AS series"

    def columns(self, table: str) -> list[str]:
        named = "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        return [row[0] for row in self.run(named, [database_in(self.url), table])]

    def hold_snapshot(self) -> "pymysql.Connection[Any]":
        connection = self.connect()
        cursor = connection.cursor()
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        return connection

    def version(self) -> str:
        return f"{self.run('SELECT version()')[0][0]}, PyMySQL {version('pymysql')}"
