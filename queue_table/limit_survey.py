"""Which keys have blocked rows, and how each of them stands, read without a lock and without counting what waits."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper

from queue_table.vendors import later

# By this index alone: MariaDB guesses in a sub-query, and would rather read all rows of the stage.
TABLE = {
    "sqlite": "order_queue INDEXED BY order_queue_limit_key",
    "postgresql": "order_queue",
    "mysql": "order_queue FORCE INDEX (order_queue_limit_key)",
}
WAIT = {
    "sqlite": "(julianday(gate.next_at) - julianday('now')) * 86400.0",
    "postgresql": "extract(epoch FROM gate.next_at - statement_timestamp())",
    "mysql": "timestampdiff(microsecond, now(6), gate.next_at) / 1000000",
}
NEXT = "SELECT limit_key FROM {table} WHERE stage = 2 AND limit_key > {after} ORDER BY limit_key LIMIT {limit}"
# One step down the index for each key, however many rows each has.
STEPS = f"""
WITH RECURSIVE blocked (key_name, number) AS (
    SELECT ({NEXT.format(table="{table}", after="%s", limit=1)}), 1
    UNION ALL
    SELECT ({NEXT.format(table="{table}", after="blocked.key_name", limit=1)}), number + 1
    FROM blocked WHERE key_name IS NOT NULL AND number < {{limit}}
) SELECT key_name FROM blocked WHERE key_name IS NOT NULL"""  # noqa: S608 (from constants)
# Both at once: for one of them alone PostgreSQL may take the claim's index, and read all that waits for a worker.
HOLDING = "stage = 0 AND limit_key = gate.{key} AND status IN (0, 2)"
ROWS_AT_ONCE = 100
STALLED_SECONDS = 5  # so long an admitted row may wait for a worker before it stands in the way
FIRST = "FROM {table} WHERE stage = 2 AND limit_key = gate.{key} ORDER BY priority DESC, id LIMIT 1"
SECOND = f"{FIRST} OFFSET 1"
SURVEY = f"""
SELECT gate.{{key}}, {{wait}}, gate.avoided,
    (SELECT id {FIRST}),
    (SELECT task {FIRST}),
    (SELECT id {SECOND}) IS NULL,
    (SELECT queue {FIRST}) IN (SELECT queue FROM order_queue_paused),
    (SELECT count(CASE status WHEN 0 THEN 1 END) FROM {{table}} WHERE {HOLDING}),
    (SELECT count(CASE status WHEN 2 THEN 1 END) FROM {{table}} WHERE {HOLDING}),
    (SELECT count(CASE WHEN status = 0 AND updated_at < {{stalled}} THEN 1 END) FROM {{table}} WHERE {HOLDING})
FROM order_queue_limit gate WHERE gate.{{key}} IN ({{keys}})"""  # noqa: S608 (the same)


class Standing(NamedTuple):
    """How a key stands: its first blocked row, and how many of its rows hold a place."""

    key: str
    wait: float  # seconds until its rate, if it has one, lets something pass
    avoided: str | None  # the lanes whose rows nobody takes, as limit_lanes.py reads them
    first: int
    task: str | None  # None: no row of the key is blocked
    is_only_one: bool  # no second row is blocked: the first is all that there is to choose
    paused: bool  # the first row's queue
    ready: int
    claimed: int
    stalled: int  # so many of the ready ones found no worker for STALLED_SECONDS


def blocked_keys(after: str, limit: int) -> list[str]:
    """Up to `limit` keys that have a blocked row, from `after` on, in order."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            return _few_by_few(cursor, after, limit)
        cursor.execute(STEPS.format(table=TABLE[connection.vendor], limit=limit), [after])
        return [key for (key,) in cursor.fetchall()]


def _few_by_few(cursor: CursorWrapper, after: str, limit: int) -> list[str]:
    """MariaDB lets no sub-query begin where the outer one says: each step would read the index to its end."""
    statement = NEXT.format(table=TABLE["mysql"], after="%s", limit=ROWS_AT_ONCE)
    keys: dict[str, None] = {}
    while len(keys) < limit:
        cursor.execute(statement, [after])
        rows = [key for (key,) in cursor.fetchall()]
        keys |= dict.fromkeys(rows)
        if len(rows) < ROWS_AT_ONCE:
            break
        after = rows[-1]
    return list(keys)[:limit]


def survey(keys: Sequence[str]) -> list[Standing]:
    """Of each key that was ever admitted."""
    connection = connections[DEFAULT_DB_ALIAS]
    statement = SURVEY.format(
        table=TABLE[connection.vendor],
        wait=WAIT[connection.vendor],
        stalled=later(connection.vendor, -STALLED_SECONDS),
        key=connection.ops.quote_name("key"),
        keys=", ".join(["%s"] * len(keys)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)
        return [Standing(key, float(wait), *row) for key, wait, *row in cursor.fetchall()]
