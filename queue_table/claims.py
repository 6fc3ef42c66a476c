"""Taking due rows: the claim 0 -> 2 as one short transaction, into no more than its worker needs to know."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from queue_table.patience import patient
from queue_table.vendors import CLAIM, NOW, TAKE, UPDATE, keyed, later

WINDOW = 50  # how many batches' worth of keys a claim looks ahead from the last one


class Claim(NamedTuple):
    """A claimed row, in the hands of who holds its token."""

    pk: int
    task: str
    payload: dict[str, Any]
    attempts: int
    max_attempts: int
    queue: str
    limit_key: str | None
    priority: int
    claim_token: UUID

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts


class Place(NamedTuple):
    """Where in a queue the last claim ended."""

    priority: int
    pk: int


class Claimer:
    """Claims for one worker. Several may work at once, on any number of machines: no two get the same row."""

    def __init__(
        self, worker: str, limit: int, lease: timedelta, connection: BaseDatabaseWrapper | None = None
    ) -> None:
        self.worker, self.limit = worker, limit
        self.connection = connection or connections[DEFAULT_DB_ALIAS]
        vendor = self.connection.vendor
        self.constants = {
            "now": NOW[vendor],
            "later": later(vendor, lease.total_seconds()),
            "limit": limit,
            "update": UPDATE[vendor],
        }

    @patient
    def claim(
        self, queue: str, *, token: UUID | None = None, after: Place | None = None, unknown: Sequence[str] = ()
    ) -> list[Claim]:
        """Up to `limit` due rows of `queue`, most urgent and oldest first, each counted as an attempt.

        `after` begins the scan where the last claim ended, among the next rows of the same priority: it spares the
        entries that finished rows leave behind for as long as some old transaction may still see them.
        """
        token = token or uuid4()
        statement, parameters = self.statement(queue, token, after, unknown)
        if self.connection.vendor == "mysql":
            rows = self._lock_and_take(statement, parameters, token)
        else:
            with self.connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                rows = cursor.fetchall()
        claims = [Claim._make((*row[:2], json.loads(row[2]), *row[3:], token)) for row in rows]
        claims.sort(key=lambda claim: (-claim.priority, claim.pk))
        return claims

    def statement(
        self, queue: str, token: UUID, after: Place | None, unknown: Sequence[str]
    ) -> tuple[str, Sequence[Any]]:
        """What finds the rows and, where one statement can do both, takes them; with its parameters."""
        further = " AND priority = %s AND id > %s AND id <= %s" if after else ""
        further += f" AND task NOT IN ({', '.join(['%s'] * len(unknown))})" if unknown else ""
        # The end: a planner that takes the primary key instead, as it may, does not walk over a million rows for later.
        place = [*after, after.pk + WINDOW * self.limit] if after else []
        where, owner = [queue, *place, *unknown], [token.hex, self.worker]
        order = {"sqlite": [*owner, *where], "postgresql": [*where, *owner], "mysql": where}
        vendor = self.connection.vendor
        return CLAIM[vendor].format(further=further, **self.constants), order[vendor]

    def _lock_and_take(self, statement: str, parameters: Sequence[Any], token: UUID) -> Sequence[tuple[Any, ...]]:
        """MariaDB and MySQL have no UPDATE … RETURNING: read under lock, then update by key."""
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows = cursor.fetchall()
            if rows:
                these, keys = keyed("mysql", [row[0] for row in rows])
                cursor.execute(TAKE.format(**self.constants) + these, [token.hex, self.worker, *keys])
        return [(*row[:3], row[3] + 1, *row[4:]) for row in rows]
