"""Queries that every page asks, with their SQL made once in a process."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ValuesListIterable

FIRST_STAND_IN = 8_900_000_000_000_000_000  # no key comes this far, and the databases' numbers just do
TEXT_STAND_IN = "\x00stand-in for "  # in no text: no database keeps a NUL
Value = int | str | Sequence[int] | Sequence[str]


class Prepared:
    """A decorator: the function writes a query, and calling it gives the rows, as the queryset would.

    The ORM takes longer to write such a query than the database to answer it, so the function is called once, with
    stand-ins for its arguments. These are numbers or texts, compared with a column, or sequences of them for an `IN`,
    with a query for each length; among none, nothing is found. The query must depend on nothing else: neither on the
    language nor on the time. What a queryset prefetches is not fetched.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, Any]]) -> None:
        self._write = write
        self._written: dict[Any, _Written] = {}

    def __call__(self, *values: Value) -> list[Any]:
        parts = [[value] if isinstance(value, int | str) else value for value in values]
        if not all(parts):
            return []
        shape = (
            connection.vendor,
            *((type(value), type(several[0]), len(several)) for value, several in zip(values, parts, strict=True)),
        )
        if shape not in self._written:
            self._written[shape] = _Written(self._write, values)
        return self._written[shape].ask([value for several in parts for value in several])


class _Written:
    """The SQL, and at which of its parameters which value stands."""

    def __init__(self, write: Callable[..., QuerySet[Any, Any]], values: Sequence[Value]) -> None:
        self._given = 0
        queryset: Any = write(*(self._for(value) for value in values))
        self._rows_of = queryset._iterable_class
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()
        self._as_they_come = self._rows_of is ValuesListIterable and not self._changes(queryset)

    def _for(self, value: Any) -> Any:
        if not isinstance(value, int | str):
            return [self._for(one) for one in value]
        number, self._given = self._given, self._given + 1
        return f"{TEXT_STAND_IN}{number}" if isinstance(value, str) else FIRST_STAND_IN + number

    def _changes(self, queryset: Any) -> bool:
        """The ORM gives the columns another order, or a value another type, than the driver does."""
        query = queryset.query
        names = (*query.extra_select, *query.values_select, *query.annotation_select)
        converted = self._compiler.get_converters([column for column, _sql, _name in self._compiler.select])
        return bool(converted) or tuple(queryset._fields) != names

    def ask(self, values: Sequence[int | str]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [_put(parameter, values) for parameter in self._parameters])
            rows = cursor.fetchall()
        return list(rows) if self._as_they_come else list(self._rows_of(_Answered(self._compiler, rows)))


class _Answered:
    """What Django's own makers of rows and models see of a queryset: its compiler, which has the answer already."""

    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: Any, rows: Sequence[Any]) -> None:
        self.db, self.query = connection.alias, self
        self._compiler = copy(compiler)  # of this thread alone
        self._compiler.execute_sql = lambda *_, **__: [rows]

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler


def _put(parameter: Any, values: Sequence[int | str]) -> Any:
    """The value for a stand-in, in the driver's type for that column; all else as it is."""
    if isinstance(parameter, int) and parameter >= FIRST_STAND_IN:
        return type(parameter)(values[parameter - FIRST_STAND_IN])
    if isinstance(parameter, str) and parameter.startswith(TEXT_STAND_IN):
        return values[int(parameter.removeprefix(TEXT_STAND_IN))]
    return parameter
