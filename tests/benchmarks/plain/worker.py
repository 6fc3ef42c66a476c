"""The plain side's worker, as a process: `python -m tests.benchmarks.plain.worker BATCH empty|write_row|same_table`.

It ends when nothing is ready. DATABASE_URL names the database.
"""

import os
import sys

from tests.benchmarks.counting import count
from tests.benchmarks.databases import database_at
from tests.benchmarks.plain.dialects import plain_queue
from tests.benchmarks.plain.same_table import SameTable
from tests.benchmarks.plain.statements import PlainQueue


def drain(queue: PlainQueue) -> None:
    """Each batch is completed at once."""
    while rows := queue.claim():
        for _, job in rows:
            count(job)
        queue.complete([key for key, _ in rows])


def drain_with_effects(queue: PlainQueue | SameTable) -> None:
    """Each job is completed in a transaction of its own, together with what it wrote."""
    while rows := queue.claim():
        for key, job in rows:
            queue.complete_with_effect(key, job)
            count(job)


if __name__ == "__main__":
    database, batch, task = database_at(os.environ["DATABASE_URL"]), int(sys.argv[1]), sys.argv[2]
    if task == "empty":
        drain(plain_queue(database, batch))
    else:
        drain_with_effects(plain_queue(database, batch) if task == "write_row" else SameTable(database, batch))
