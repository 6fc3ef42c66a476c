"""What the harness asks of each of the three databases, by its driver, beside Django."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit


class Database(ABC):
    """One database. Its own connection commits each statement."""

    name: str
    now: str  # SQL for this moment, as Django stores moments
    in_a_month: str

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection: Any = None

    def run(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """Executes the statement, with %s for each value; returns the rows, if it has any."""
        if self.connection is None:
            self.connection = self.connect()
        cursor = self.connection.cursor()
        cursor.execute(self.spelt(statement), *([values] if values else []))
        return list(cursor.fetchall()) if cursor.description else []

    def spelt(self, statement: str) -> str:
        return statement

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    @abstractmethod
    def connect(self) -> Any:
        """A new connection in the driver's autocommit mode."""

    @abstractmethod
    def create(self) -> None: ...

    @abstractmethod
    def drop(self) -> None: ...

    @abstractmethod
    def clear(self, table: str) -> None: ...

    @abstractmethod
    def settle(self, table: str) -> None:
        """Leaves the table as maintenance leaves it in steady use, and the log of writes short."""

    @abstractmethod
    def series(self, rows: int) -> str:
        """A FROM item of so many rows."""

    @abstractmethod
    def columns(self, table: str) -> list[str]: ...

    @abstractmethod
    def hold_snapshot(self) -> Any:
        """A connection with a transaction that goes on seeing the tables as they are now, until it is closed."""

    @abstractmethod
    def version(self) -> str: ...


def database_in(url: str) -> str:
    """The database's name, or the file's path."""
    return unquote(urlsplit(url).path[1:])


def beside(url: str, name: str) -> str:
    """Another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
