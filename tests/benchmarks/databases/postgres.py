from contextlib import suppress
from typing import Any

import psycopg

from tests.benchmarks.databases.base import Database, beside, database_in


class Postgres(Database):
    name = "PostgreSQL"
    now, in_a_month = "now()", "now() + interval '30 days'"

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url, autocommit=True, prepare_threshold=0)

    def create(self) -> None:
        self._manage(f'CREATE DATABASE "{database_in(self.url)}"')
        self.run("SET enable_seqscan = off")  # the harness's own looks at the table are not to cost much

    def drop(self) -> None:
        self.close()
        self._manage(f'DROP DATABASE IF EXISTS "{database_in(self.url)}" WITH (FORCE)')

    def _manage(self, statement: str) -> None:
        with psycopg.connect(beside(self.url, "postgres"), autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)

    def clear(self, table: str) -> None:
        self.run(f"TRUNCATE {table} RESTART IDENTITY")

    def settle(self, table: str) -> None:
        self.run(f"VACUUM ANALYZE {table}")
        with suppress(psycopg.errors.InsufficientPrivilege):
            self.run("CHECKPOINT")

    def series(self, rows: int) -> str:
        return f"generate_series(1, {rows}) AS series"

    def columns(self, table: str) -> list[str]:
        named = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        return [row[0] for row in self.run(named, [table])]

    def hold_snapshot(self) -> "psycopg.Connection[Any]":
        connection = self.connect()
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM django_migrations")
        return connection

    def version(self) -> str:
        return f"{self.run('SHOW server_version')[0][0]}, psycopg {psycopg.__version__}"
