"""The statements of the plain job's path, where the databases differ. `{…}` are constants, `%s` are parameters.

Through the ORM each of them would cost more to build than to run; a LIMIT that is bound makes PostgreSQL plan anew.
"""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any

NOW = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
    "postgresql": "statement_timestamp()",
    "mysql": "now(6)",
}
LATER = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '{seconds} seconds')",
    "postgresql": "statement_timestamp() + interval '{seconds} seconds'",
    "mysql": "now(6) + interval {seconds} second",
}
READ = "id, task, payload, attempts, max_attempts, queue, limit_key, priority"
DUE = "SELECT id FROM order_queue WHERE status = 0 AND stage = 0 AND queue = %s{further} ORDER BY priority DESC, id"
TAKE = (
    "{update} SET status = 2, attempts = attempts + 1, claim_token = %s, claimed_by = %s, claimed_at = {now},"
    " lease_expires_at = {later}, updated_at = {now} WHERE "
)
CLAIM = {
    "sqlite": TAKE + "id IN (" + DUE + " LIMIT {limit}) RETURNING " + READ,
    # Materialised: else the planner may run the limited part again, and update more than the limit.
    "postgresql": (
        "WITH due AS MATERIALIZED (" + DUE.replace("id FROM", "id AS due_id FROM", 1) + " LIMIT {limit}"
        " FOR UPDATE SKIP LOCKED) " + TAKE.replace(" WHERE ", " FROM due WHERE id = due_id RETURNING ") + READ
    ),
    # No UPDATE … RETURNING: read under lock, then TAKE by key.
    "mysql": DUE.replace("SELECT id", f"SELECT {READ}", 1) + " LIMIT {limit} FOR UPDATE SKIP LOCKED",
}
# The column in coalesce: to a row that is named by its key the database is to come by the key alone. By the index of
# claimed rows PostgreSQL would meet all that finished while some old transaction is open, and MariaDB would deadlock.
OURS_BY_KEY = "coalesce(status, -1) = 2 AND claim_token = %s"
# MariaDB reads a small table from end to end rather than by many keys, and would wait for rows that others hold.
UPDATE = {"sqlite": "UPDATE order_queue", "postgresql": "UPDATE order_queue"}
UPDATE["mysql"] = "UPDATE order_queue FORCE INDEX (PRIMARY)"
COMPLETE = (
    "{update} SET status = 1, claim_token = NULL, lease_expires_at = NULL, limit_key = NULL,"
    " finished_at = {now}, updated_at = {now} WHERE {keys} AND {ours}"
)

# Of the driver's connection, as the server last said it: a transaction is open, or soon will be. No round trip.
OPEN: dict[str, Callable[[Any], bool]] = {
    "sqlite": attrgetter("in_transaction"),
    "postgresql": attrgetter("pgconn.transaction_status"),  # 0: idle
    "mysql": lambda raw: raw.server_status & 3 != 2,  # 1: in a transaction, 2: autocommit
}


@lru_cache(maxsize=10)
def completion(vendor: str, these: str) -> str:
    """2 -> 1 for these rows."""
    return COMPLETE.format(update=UPDATE[vendor], now=NOW[vendor], keys=these, ours=OURS_BY_KEY)


def later(vendor: str, seconds: float) -> str:
    return LATER[vendor].format(seconds=f"{seconds:.3f}")


def keyed(vendor: str, keys: list[int]) -> tuple[str, list[Any]]:
    """A condition on the primary key, with its parameters: one text for one key and, but on MariaDB, one for many.

    For an array PostgreSQL plans anew each time: it expects of its general plan to meet more rows than there are.
    """
    if len(keys) == 1:
        return "id = %s", keys
    if vendor == "postgresql":
        return "id = ANY(%s::bigint[])", [keys]
    if vendor == "sqlite":
        return "id IN (SELECT value FROM json_each(%s))", [str(keys)]
    return f"id IN ({','.join(map(str, keys))})", []
