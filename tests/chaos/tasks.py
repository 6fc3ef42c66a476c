"""Jobs of every kind that the engine treats in a way of its own. Each leaves its traces in the ledger."""

import os
import time
from datetime import timedelta

from queue_table.exceptions import Retry
from queue_table.tasks_api import TaskContext, task
from tests.chaos.ledger import mark, traced

MANY = 60  # attempts: in no run does anybody strike one job so often
SOON = (0.05,)


@task(max_attempts=MANY, retry_delays=SOON)
def plain(trace: str, seconds: float = 0.0) -> None:
    """Settled together with others of its batch."""
    with traced(trace):
        time.sleep(seconds)
        mark()


@task(max_attempts=MANY, retry_delays=SOON, atomic=True)
def atomic(trace: str, seconds: float = 0.0) -> None:
    """Settled in the transaction of its effect."""
    with traced(trace):
        mark()
        time.sleep(seconds / 10)  # on SQLite it holds the only write lock


@task(max_attempts=MANY, retry_delays=SOON)
def raising_once(trace: str, seconds: float = 0.0) -> None:
    with traced(trace) as attempt:
        time.sleep(seconds)
        if attempt.attempt == 1:
            raise Retry("once", after=timedelta(seconds=0.05))
        mark()


@task(max_attempts=MANY, retry_delays=SOON)
def returning(trace: str, seconds: float = 0.0) -> int:
    """Settled by itself, since there is a result to keep."""
    with traced(trace) as attempt:
        time.sleep(seconds)
        mark()
        return attempt.attempt


@task(max_attempts=MANY, retry_delays=SOON, takes_context=True)  # type: ignore[arg-type]
def in_context(context: TaskContext, trace: str, seconds: float = 0.0) -> None:
    with traced(trace) as attempt:
        assert context.attempt == attempt.attempt
        time.sleep(seconds)
        mark()


@task(max_attempts=MANY, retry_delays=SOON, concurrency_key="chaos", concurrency_limit=2)
def limited(trace: str, seconds: float = 0.0) -> None:
    """At most two at once, over all workers."""
    with traced(trace):
        time.sleep(seconds)
        mark()


MIX = [plain, plain, plain, atomic, atomic, raising_once, returning, in_context]


@task(max_attempts=MANY, retry_delays=SOON)
def dying_once(trace: str) -> None:
    """Takes its process with it, the first time."""
    with traced(trace) as attempt:
        if attempt.attempt == 1:
            os._exit(7)
        mark()


@task
def quiet(order: int) -> None:
    """The least that a job can do."""


@task(atomic=True)
def written(order: int) -> None:
    mark()
