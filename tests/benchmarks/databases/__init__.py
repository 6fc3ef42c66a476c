"""The three databases by their drivers, beside Django: SQLite, PostgreSQL, MariaDB."""

from urllib.parse import urlsplit

from tests.benchmarks.databases.base import Database
from tests.benchmarks.databases.mariadb import Mariadb
from tests.benchmarks.databases.postgres import Postgres
from tests.benchmarks.databases.sqlite import Sqlite

SCHEMES: dict[str, type[Database]] = {
    "sqlite": Sqlite,
    "postgres": Postgres,
    "postgresql": Postgres,
    "mariadb": Mariadb,
    "mysql": Mariadb,
}


def database_at(url: str) -> Database:
    """The database of a DATABASE_URL, which may not exist yet."""
    return SCHEMES[urlsplit(url).scheme](url)
