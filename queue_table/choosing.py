"""From which queue the next claim is made."""

import time
from collections.abc import Iterator, Sequence

from django.db import DEFAULT_DB_ALIAS, connections

KNOWN_SECONDS = 0.5
LOOKING_SHARE = 20  # at most a twentieth of the time goes into looking
LONGEST_SECONDS = 2.0
READY = "FROM order_queue WHERE status = 0 AND stage = 0"
PAUSED = "SELECT queue FROM order_queue_paused"
# One step down the claim's index for each queue, however many rows each holds.
NAMES = f"""
WITH RECURSIVE queues (name) AS (
    SELECT min(queue) {READY}
    UNION ALL SELECT (SELECT min(queue) {READY} AND queue > queues.name) FROM queues WHERE queues.name IS NOT NULL
) SELECT name FROM queues WHERE name IS NOT NULL AND name NOT IN ({PAUSED})"""
HEAD = f"SELECT priority, id {READY} AND queue = %s ORDER BY priority DESC, id LIMIT 1"


class Chooser:
    """The queues that this worker may claim from, in order. What others pause or fill is seen in half a second."""

    def __init__(self, wanted: Sequence[str] = ()) -> None:
        self.wanted, self.names, self.known_until = wanted, list[str](), 0.0

    def candidates(self) -> list[str]:
        """In the order given; without one, the queue whose first row is the most urgent and oldest comes first."""
        if time.monotonic() >= self.known_until:
            began = time.monotonic()
            self.names = self._look()
            took = time.monotonic() - began
            self.known_until = began + min(max(KNOWN_SECONDS, LOOKING_SHARE * took), LONGEST_SECONDS)
        if self.wanted or len(self.names) < 2:
            return self.names
        return sorted(self.names, key=self._urgency)

    def forget(self) -> None:
        """The queues looked empty: what was known is of no use for the next claim."""
        self.known_until = 0.0

    def _look(self) -> list[str]:
        if connections[DEFAULT_DB_ALIAS].vendor != "mysql" and not self.wanted:
            return _names(NAMES)
        paused = _names(PAUSED)
        return [name for name in self.wanted or _step_by_step() if name not in paused]

    def _urgency(self, name: str) -> tuple[int, int]:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(HEAD, [name])
            head = cursor.fetchone()
        return (-head[0], head[1]) if head else (101, 0)


def _names(statement: str, *parameters: str) -> list[str]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, parameters)
        return [name for (name,) in cursor.fetchall() if name is not None]


def _step_by_step() -> Iterator[str]:
    """MariaDB would read the whole backlog: a sub-query there can't begin where the query around it says."""
    name = ""
    while names := _names(f"SELECT min(queue) {READY} AND queue > %s", name):
        [name] = names
        yield name
