"""The plain side's enqueueing, as a process: `python -m tests.benchmarks.plain.producer one|many JOBS WIDE`.

It inserts the same columns of `order_queue` as our side does, or, if WIDE is 0, into the narrow table of the plain
queue. DATABASE_URL names the database. Prints the seconds that it took, as JSON.
"""

# ruff: noqa: S608 (the statements are put together from constants)

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.databases import database_at
from tests.benchmarks.databases.base import Database
from tests.benchmarks.jobs import payload
from tests.benchmarks.plain.dialects import plain_queue

WARM_UP = 50
SAME_COLUMNS: dict[str, object] = {
    "status": 0,
    "stage": 0,
    "user_info": "",
    "kind": "task",
    "task": "tests.benchmarks.ours.tasks.empty",
    "queue": "default",
    "priority": 0,
    "attempts": 0,
    "max_attempts": 3,
    "claimed_by": "",
    "errors": "[]",
}


class Insert:
    """One INSERT of one job; the job's JSON is made anew for each."""

    def __init__(self, database: Database, *, wide: bool) -> None:
        self.wide = wide
        table, columns = ("order_queue", [*SAME_COLUMNS]) if wide else ("plain_queue", [])
        names, marks = ", ".join([*columns, "payload"]), ", ".join(["%s"] * (len(columns) + 1))
        self.statement = database.spelt(f"INSERT INTO {table} ({names}) VALUES ({marks})")

    def values(self, number: int) -> list[object]:
        job = payload(number)
        if self.wide:
            return [*SAME_COLUMNS.values(), json.dumps({"args": [job], "kwargs": {}})]
        return [json.dumps(job)]


def one_by_one(cursor: Any, insert: Insert, numbers: Sequence[int], begin: str) -> None:
    """Each in a transaction of its own: the connection commits each statement."""
    for number in numbers:
        cursor.execute(insert.statement, insert.values(number))


def all_at_once(cursor: Any, insert: Insert, numbers: Sequence[int], begin: str) -> None:
    """By the driver's executemany, in one transaction."""
    cursor.execute(begin)
    cursor.executemany(insert.statement, [insert.values(number) for number in numbers])
    cursor.execute("COMMIT")


def seconds_of(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(how: str, jobs: int, *, wide: bool) -> None:
    database = database_at(os.environ["DATABASE_URL"])
    queue, insert = plain_queue(database), Insert(database, wide=wide)
    work = {"one": one_by_one, "many": all_at_once}[how]
    work(queue.cursor, insert, range(WARM_UP), queue.begin)
    sys.stdout.write(json.dumps(seconds_of(lambda: work(queue.cursor, insert, range(jobs), queue.begin))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), wide=sys.argv[3] != "0")
