"""Our side's enqueueing, as a process of the shop: `python -m tests.benchmarks.ours.producer ACTION JOBS`.

    templates JOBS   one row of each measured task, for the harness to copy
    one JOBS         one by one, each in a transaction of its own
    many JOBS        by enqueue_many, in one transaction
    wake JOBS        the same, and waits until they are performed
    pick_up JOBS     one at a time, each with the moment it was sent, when the one before has been performed

Prints the seconds that it took, as JSON.
"""

import json
import os
import random
import sys
import time
from pathlib import Path

import django
from django.db import transaction

from tests.benchmarks.counting import FOLDER, Counts
from tests.benchmarks.jobs import payload

WARM_UP = 50
PATIENCE_SECONDS = 30
SHORT_PAUSE, LONG_PAUSE, LONG_EVERY = (0.02, 0.2), (1.0, 2.0), 15  # seconds, evenly distributed


def templates(jobs: int) -> None:
    from tests.benchmarks.ours.tasks import empty, write_row

    for task in (empty, write_row):
        task.enqueue(payload(jobs))


def one(jobs: int) -> None:
    from tests.benchmarks.ours.tasks import empty

    for number in range(jobs):
        empty.enqueue(payload(number))


def many(jobs: int) -> None:
    from queue_table import outbox
    from tests.benchmarks.ours.tasks import empty

    if not hasattr(outbox, "enqueue_many"):
        raise SystemExit("not there yet: enqueue_many")

    with transaction.atomic():
        outbox.enqueue_many(empty, [outbox.call(payload(number)) for number in range(jobs)])


def wake(jobs: int) -> None:
    one(jobs)
    wait_for(jobs, Counts(Path(os.environ[FOLDER])))


def pick_up(jobs: int) -> None:
    """Pauses are short, and sometimes long: a worker that looks ever less often when idle is to be seen."""
    from tests.benchmarks.ours.tasks import empty

    counts = Counts(Path(os.environ[FOLDER]))
    before = sum(counts.performed())
    for number in range(jobs):
        pause = LONG_PAUSE if number % LONG_EVERY == LONG_EVERY - 1 else SHORT_PAUSE
        time.sleep(random.uniform(*pause))  # noqa: S311 (no secret)
        empty.enqueue(payload(number, time.monotonic_ns()))
        wait_for(before + number + 1, counts)


def wait_for(performed: int, counts: Counts) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(counts.performed()) < performed:
        if time.monotonic() > deadline:
            raise SystemExit(f"a job was not picked up within {PATIENCE_SECONDS} seconds")
        time.sleep(0.002)


ACTIONS = {"templates": templates, "one": one, "many": many, "wake": wake, "pick_up": pick_up}


def main(action: str, jobs: int) -> None:
    django.setup()
    work = ACTIONS[action]
    if action in {"one", "many"}:
        work(WARM_UP)
    started = time.perf_counter()
    work(jobs)
    sys.stdout.write(json.dumps(time.perf_counter() - started))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
