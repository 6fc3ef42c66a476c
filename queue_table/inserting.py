"""The statements that write new rows: one round trip for one row, and one for a thousand alike.

Through the ORM a row would cost more to build than to write. Who comes in here has checked what he brings: where a
known dedupe key is passed over, MariaDB would cut a text that is too long without a word.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, compress, groupby, islice
from json import dumps
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from queue_table import bell
from queue_table.lifecycle import Stage
from queue_table.patience import patient
from queue_table.preparing import kept_cursor
from queue_table.vendors import NOW

AT_ONCE, LETTERS_AT_ONCE = 1000, 500_000
SAME = "0, 0, '', '[]'"  # status, attempts, claimed_by, errors
ALIKE = {
    vendor: f"%s, %s, %s, %s, %s, coalesce(%s, {NOW[vendor]}), {number}, %s, {number}"
    for vendor, number in {"sqlite": "%s", "postgresql": "%s::bigint", "mysql": "%s"}.items()
}
# What differs from row to row stands in one JSON document: one parameter, whatever the number of rows.
DIFFERENT = {
    "sqlite": ", ".join(f"json_extract(value, '$[{place}]')" for place in range(4)) + " FROM json_each(%s) WHERE true",
    "postgresql": "entry->0, entry->>1, entry->>2, (entry->>3)::smallint FROM jsonb_array_elements(%s::jsonb) AS entry",
    "mysql": (
        "payload, dedupe_key, limit_key, stage FROM json_table(%s, '$[*]' COLUMNS (payload JSON PATH '$[0]', dedupe_key"
        " VARCHAR(190) PATH '$[1]', limit_key VARCHAR(190) PATH '$[2]', stage INT PATH '$[3]')) AS entry"
    ),
}

# MariaDB keeps its lock on the numbers until an INSERT … SELECT ends, even while that waits for another's key: whoever
# holds the key would deadlock with his next row. Not so where the rows are listed.
LISTED = f"({SAME}, {ALIKE['mysql']}, %s, %s, %s, %s)"


class NewRow(NamedTuple):
    """What is said of a row when it is written; the rest is the same for all. `payload` is compact JSON."""

    task: str
    queue: str
    kind: str
    priority: int
    max_attempts: int
    available_at: datetime | None
    order_id: int | None
    user_info: str
    batch_id: int | None
    payload: str
    dedupe_key: str | None
    limit_key: str | None

    @property
    def stage(self) -> Stage:
        """What the row waits for first: its time, then its place under a limit, then a worker."""
        if self.available_at is not None:
            return Stage.SCHEDULED
        return Stage.AVAILABLE if self.limit_key is None else Stage.BLOCKED


ROW = (*NewRow._fields, "stage")


def insert(row: NewRow) -> tuple[int, datetime]:
    """Writes the row; returns its id and its moment by the database's clock."""
    connection = connections[DEFAULT_DB_ALIAS]
    returns = connection.features.can_return_columns_from_insert  # all but MySQL
    names, values = _given(connection, row)
    cursor = kept_cursor(connection, rows=True)
    cursor.execute(_statement(connection.vendor, names, returns=returns), values)
    if not returns:
        cursor.execute("SELECT id, created_at FROM order_queue WHERE id = %s", [cursor.lastrowid])
    [(key, created_at)] = cursor.fetchall()  # to the end: SQLite commits when the statement is over
    _ring(row)
    return key, _aware(created_at)


def insert_all(rows: Sequence[NewRow]) -> None:
    """Writes a few rows of any kind, in one statement if the same columns are given for all."""
    connection = connections[DEFAULT_DB_ALIAS]
    for names, alike in groupby((_given(connection, row) for row in rows), key=itemgetter(0)):
        values = [values for _, values in alike]
        with connection.cursor() as cursor:
            cursor.execute(_statement(connection.vendor, names, len(values)), list(chain(*values)))
    for row in rows:
        _ring(row)


@patient
def insert_once(row: NewRow) -> bool:
    """Writes the row unless its dedupe key is in the table. The unique index decides: any number may try at once."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        names, values = _given(connection, row)
        cursor.execute(_statement(connection.vendor, names, once=True), values)
        written = bool(cursor.rowcount)
    if written:
        _ring(row)
    return written


def insert_alike(rows: Iterable[NewRow]) -> int:
    """Writes rows that differ only in payload, keys and stage; returns how many.

    Those whose dedupe key is in the table are passed over. The caller holds a transaction.
    """
    with_key: list[NewRow] = []
    written = _insert_in_parts(_set_aside(rows, with_key))
    # Two transactions that wait for each other's keys would deadlock: in one order each meets the other once.
    with_key.sort(key=attrgetter("dedupe_key"))
    return written + _insert_in_parts(with_key)


def _set_aside(rows: Iterable[NewRow], with_key: list[NewRow]) -> Iterable[NewRow]:
    for row in rows:
        if row.dedupe_key is None:
            yield row
        else:
            with_key.append(row)


def _insert_in_parts(rows: Iterable[NewRow]) -> int:
    connection, waiting = connections[DEFAULT_DB_ALIAS], iter(rows)
    written = 0
    while some := list(islice(waiting, AT_ONCE)):
        written += sum(_insert_document(connection, part) for part in _short_enough(some))
        _ring(some[0])
    return written


def _short_enough(rows: list[NewRow]) -> Iterable[list[NewRow]]:
    """In halves, until each fits into what MariaDB takes at once."""
    if len(rows) == 1 or sum(len(row.payload) for row in rows) <= LETTERS_AT_ONCE:
        return [rows]
    middle = len(rows) // 2
    return [*_short_enough(rows[:middle]), *_short_enough(rows[middle:])]


def _insert_document(connection: BaseDatabaseWrapper, rows: list[NewRow]) -> int:
    once = rows[0].dedupe_key is not None  # then so are all of them
    if once and connection.vendor == "mysql":
        return _insert_listed(connection, rows)
    entries = (f"[{row.payload},{dumps(row.dedupe_key)},{dumps(row.limit_key)},{row.stage.value}]" for row in rows)
    with connection.cursor() as cursor:
        alike = _values(connection, rows[0])[: ROW.index("payload")]
        cursor.execute(_bulk_statement(connection.vendor, once=once), [*alike, f"[{','.join(entries)}]"])
        return int(cursor.rowcount)


def _insert_listed(connection: BaseDatabaseWrapper, rows: list[NewRow]) -> int:
    values = ((*_values(connection, row)[:-1], row.stage.value) for row in rows)
    with connection.cursor() as cursor:
        statement = _insert("mysql", ROW, f"VALUES {', '.join([LISTED] * len(rows))}", once=True)
        cursor.execute(statement, list(chain.from_iterable(values)))
        return int(cursor.rowcount)


def _given(connection: BaseDatabaseWrapper, row: NewRow) -> tuple[tuple[str, ...], list[Any]]:
    """Names and values of what is not left to its default: the fewer, the less there is to send and to parse."""
    values = _values(connection, row)
    is_given = tuple([value is not None for value in values])
    return _names(is_given), list(compress(values, is_given))


@cache
def _names(is_given: Sequence[bool]) -> tuple[str, ...]:
    return tuple(compress(ROW, is_given))


@cache
def _statement(vendor: str, names: Sequence[str], count: int = 1, *, once: bool = False, returns: bool = False) -> str:
    row = f"({SAME}, {', '.join(['%s'] * len(names))})"
    returning = " RETURNING id, created_at" * returns
    return _insert(vendor, names, f"VALUES {', '.join([row] * count)}", once) + returning


@cache
def _bulk_statement(vendor: str, *, once: bool) -> str:
    return _insert(vendor, ROW, f"SELECT {SAME}, {ALIKE[vendor]}, {DIFFERENT[vendor]}", once)


def _insert(vendor: str, names: Sequence[str], rows: str, once: bool) -> str:
    columns = f"status, attempts, claimed_by, errors, {', '.join(names)}"
    if vendor == "mysql":
        return f"INSERT{' IGNORE' * once} INTO order_queue ({columns}) {rows}"
    return f"INSERT INTO order_queue ({columns}) {rows}{' ON CONFLICT DO NOTHING' * once}"


def _values(connection: BaseDatabaseWrapper, row: NewRow) -> tuple[Any, ...]:
    """In the order of ROW; None is the column's default."""
    values = (*row, row.stage.value or None)
    if row.available_at is None:
        return values
    place = ROW.index("available_at")
    return (*values[:place], connection.ops.adapt_datetimefield_value(row.available_at), *values[place + 1 :])


def _ring(row: NewRow) -> None:
    if row.available_at is None:  # else nobody need wake up for it now
        bell.ring()


def _aware(said: str | datetime) -> datetime:
    """Past the ORM, SQLite says a moment as text, and MariaDB without its zone: UTC, in which Django stores it."""
    moment = datetime.fromisoformat(said) if isinstance(said, str) else said
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
