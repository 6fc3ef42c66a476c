"""An idle worker hears of new work long before it would look again by itself."""

import time
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from queue_table import bell
from queue_table.bell import Listener
from tests.at_once import at_once
from tests.queue_rows import run_worker
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
LONG = 20.0  # seconds: a worker that hears nothing waits so long


def listen() -> float:
    """How long an idle worker waited, at most LONG."""
    listener = Listener(connections["default"])
    for _ in range(20):  # what it has to look at before it falls asleep
        listener.wait(0.05)
    started = time.monotonic()
    listener.wait(LONG)
    return time.monotonic() - started


def after_a_while(act: Callable[[], object]) -> Callable[[], None]:
    def later() -> None:
        time.sleep(1.5)
        act()

    return later


def test_an_enqueued_job_wakes_an_idle_worker() -> None:
    waited, _ = at_once(listen, after_a_while(lambda: add.enqueue(1, 1)))
    assert waited < LONG / 2


def test_nothing_wakes_it_when_nothing_happens() -> None:
    listener = Listener(connection)
    for _ in range(20):
        listener.wait(0.05)
    started = time.monotonic()
    listener.wait(0.3)
    assert time.monotonic() - started >= 0.3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has a bell")
def test_the_bell_is_rung_rarely_and_never_for_what_is_rolled_back() -> None:
    rung: list[str] = []
    bell._rung["default"] = 0.0
    with connection.execute_wrapper(lambda call, sql, *rest: (rung.append(sql), call(sql, *rest))[1]):
        with transaction.atomic():
            add.enqueue(1, 1)
            transaction.set_rollback(True)
        assert not [sql for sql in rung if "NOTIFY" in sql]
        with transaction.atomic():
            for _ in range(50):
                add.enqueue(1, 1)
    assert len([sql for sql in rung if "NOTIFY" in sql]) == 1
    run_worker()
