"""Statements without rows, said to PostgreSQL by libpq itself."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from psycopg import errors, pq


class Forgotten(errors.OperationalError):
    """A pooler, or DISCARD ALL, made the server drop what was prepared: to say it all again helps."""

    sqlstate = "26000"


class DirectCursor:
    """A cursor for a few constant statements that return no rows; each is prepared once.

    Its parameters are texts, whole numbers, and lists of these. It halves the time of a round trip: psycopg's cursors
    wait so that a signal can break them off, this one as libpq does, up to the connection's time-outs.
    """

    def __init__(self, connection: Any) -> None:
        self.pgconn: pq.abc.PGconn = connection.pgconn
        self.names: dict[str, bytes] = {}
        self.numbers = count()
        self.rowcount = -1

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        if self.pgconn.status != pq.ConnStatus.OK:
            raise errors.OperationalError("the connection is lost")
        name = self.names.get(statement) or self._prepare(statement)
        result = self.pgconn.exec_prepared(name, [_written(parameter) for parameter in parameters])
        self._check(result)
        self.rowcount = result.command_tuples or 0

    def close(self) -> None:
        """The connection ends what is prepared on it."""

    def _prepare(self, statement: str) -> bytes:
        name = b"order_queue_%d" % next(self.numbers)
        first, *further = statement.split("%s")
        numbered = "".join(f"${number}{text}" for number, text in enumerate(further, 1))
        self._check(self.pgconn.prepare(name, (first + numbered).encode()))
        self.names[statement] = name
        return name

    def _check(self, result: pq.abc.PGresult) -> None:
        if self.pgconn.status != pq.ConnStatus.OK:
            raise errors.OperationalError(self.pgconn.get_error_message())
        if result.status != pq.ExecStatus.COMMAND_OK:
            error = errors.error_from_result(result)
            if error.sqlstate == Forgotten.sqlstate:
                self.names.clear()
                raise Forgotten(str(error))
            raise error


def _written(parameter: object) -> bytes:
    if isinstance(parameter, list):
        return f"{{{','.join(map(str, parameter))}}}".encode()
    return str(parameter).encode()
