"""Queries that every page asks, with their SQL made once in a process."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

FIRST_STAND_IN = 8_900_000_000_000_000_000  # no key comes this far, and the databases' numbers just do
Value = int | Sequence[int]


class Prepared:
    """A decorator: the function writes a query as a `values_list`, and calling it gives the rows.

    The ORM takes longer to write such a query than the database to answer it, so the function is called once, with
    stand-ins for its arguments. These are numbers, or sequences of numbers for an `IN`, with a query for each length;
    among none, nothing is found. The query must depend on nothing else: neither on the language nor on the time.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._written: dict[Any, _Written] = {}

    def __call__(self, *values: Value) -> list[tuple[Any, ...]]:
        lengths = tuple(None if isinstance(value, int) else len(value) for value in values)
        if 0 in lengths:
            return []
        shape = (connection.vendor, lengths)
        if shape not in self._written:
            self._written[shape] = _Written(self._build, lengths)
        return self._written[shape].ask([part for value in values for part in _parts(value)])


class _Written:
    """The SQL, and at which of its parameters which value stands."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], lengths: Sequence[int | None]) -> None:
        stand_ins, number = [], FIRST_STAND_IN
        for length in lengths:
            several = list(range(number, number + (length or 1)))
            stand_ins.append(number if length is None else several)
            number += len(several)
        self._compiler: SQLCompiler = build(*stand_ins).query.get_compiler(connection=connection)
        self._sql, self._parameters = cast(tuple[str, tuple[Any, ...]], self._compiler.as_sql())

    def ask(self, values: Sequence[int]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [_put(parameter, values) for parameter in self._parameters])
            return list(self._compiler.results_iter([cursor.fetchall()], tuple_expected=True))


def _parts(value: Value) -> Sequence[int]:
    return [value] if isinstance(value, int) else value


def _put(parameter: Any, values: Sequence[int]) -> Any:
    """The value for a stand-in, in the driver's type for that column; all else as it is."""
    stands_in = isinstance(parameter, int) and parameter >= FIRST_STAND_IN
    return type(parameter)(values[parameter - FIRST_STAND_IN]) if stands_in else parameter
