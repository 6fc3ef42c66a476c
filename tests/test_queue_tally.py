"""How many jobs ended how: written by many workers, kept for a while, read by the minute."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Sum
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from queue_table import clock
from queue_table.models import Tally
from queue_table.outcomes import Outcome
from queue_table.pruning import prune_finished_jobs
from queue_table.tally import Rate, Tallies, rates, throughput, was_worker_seen
from tests.at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands still for who asks it outside of statements, in the middle of a minute that is not over."""
    moment = clock.now().replace(second=30, microsecond=0) - timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def written(worker: str = "a worker", **queues: dict[Outcome, int]) -> None:
    tallies = Tallies()
    for queue, ended in queues.items():
        for outcome, jobs in ended.items():
            tallies.count(queue, outcome, jobs)
    tallies.flush(worker)


def tallied(queue: str, minutes_ago: float, **counts: int) -> None:
    minute = (clock.now() - timedelta(minutes=minutes_ago)).replace(second=0, microsecond=0)
    Tally.objects.create(minute=minute, queue=queue, worker=f"{queue}{minutes_ago}{counts}", **counts)


def sums() -> dict[str, tuple[int, int, int]]:
    rows = Tally.objects.values_list("queue").annotate(Sum("done"), Sum("failed"), Sum("retried"))
    return {queue: tuple(counts) for queue, *counts in rows}


@pytest.mark.usefixtures("one_moment")
def test_what_one_worker_does_in_a_minute_adds_up_in_one_row() -> None:
    tallies = Tallies()
    for _ in range(3):
        tallies.count("mail", Outcome.DONE)
    tallies.count("mail", Outcome.RETRIED, jobs=2)
    tallies.flush("a worker")
    tallies.count("mail", Outcome.DONE)
    tallies.count("mail", Outcome.FAILED)
    tallies.flush("a worker")
    tallies.flush("a worker")
    assert list(Tally.objects.values_list("queue", "worker", "done", "failed", "retried")) == [
        ("mail", "a worker", 4, 1, 2)
    ]


@pytest.mark.usefixtures("one_moment")
def test_each_queue_and_each_worker_has_a_row_of_its_own() -> None:
    written("a", mail={Outcome.DONE: 1}, orders={Outcome.DONE: 2})
    written("b", mail={Outcome.DONE: 4})
    assert sorted(Tally.objects.values_list("queue", "worker", "done")) == [
        ("mail", "a", 1),
        ("mail", "b", 4),
        ("orders", "a", 2),
    ]


def test_workers_that_write_at_the_same_time_lose_nothing() -> None:
    calls: list[Callable[[], Any]] = [
        lambda: [written("the same", mail={Outcome.DONE: 1}, orders={Outcome.FAILED: 1}) for _ in range(10)]
    ] * 4
    assert [outcome for outcome in at_once(*calls) if isinstance(outcome, Exception)] == []
    assert sums() == {"mail": (40, 0, 0), "orders": (0, 40, 0)}


@pytest.mark.usefixtures("one_moment")
def test_the_second_time_in_a_minute_costs_one_statement_for_each_queue() -> None:
    written(mail={Outcome.DONE: 1}, orders={Outcome.DONE: 1})
    with CaptureQueriesContext(connection) as queries:
        written(mail={Outcome.DONE: 1}, orders={Outcome.DONE: 1})
        written()
    assert len(queries) == 2


def test_what_the_database_refuses_is_written_the_next_time_and_only_once() -> None:
    tallies = Tallies()
    tallies.count("mail", Outcome.DONE)
    tallies.count("orders", Outcome.DONE)

    def refuse_orders(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        if "orders" in (parameters or ()):
            raise OperationalError("away")
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(refuse_orders), pytest.raises(OperationalError):
        tallies.flush("a worker")
    assert sums() == {"mail": (1, 0, 0)}
    tallies.flush("a worker")
    assert sums() == {"mail": (1, 0, 0), "orders": (1, 0, 0)}


def test_throughput_is_summed_over_workers_and_queues_by_minute() -> None:
    tallied("mail", 3, done=5, retried=1)
    tallied("mail", 3, done=7, failed=2)
    tallied("mail", 1, done=1)
    tallied("orders", 1, done=9)
    tallied("orders", 61, done=100)
    assert [(ended.done, ended.failed, ended.retried) for ended in throughput()] == [(12, 2, 1), (10, 0, 0)]
    assert throughput()[0].minute < throughput()[1].minute
    assert len(throughput(minutes=2)) < 2


def test_rates_are_those_of_the_last_minutes(one_moment: datetime) -> None:
    """Half a minute into the fifth one: four and a half minutes."""
    minute = one_moment.replace(second=0)
    for minutes_ago in range(8):
        Tally.objects.create(
            minute=minute - timedelta(minutes=minutes_ago), queue="mail", worker="a", done=9, failed=18
        )
    assert rates() == {"mail": Rate(done=10.0, failed=20.0, retried=0.0)}


def test_a_worker_that_ended_nothing_for_good_was_seen_all_the_same() -> None:
    written(mail={Outcome.UNKNOWN: 1})
    assert sums() == {"mail": (0, 0, 0)}
    assert was_worker_seen("mail", timedelta(minutes=2))
    assert not was_worker_seen("orders", timedelta(minutes=2))
    Tally.objects.update(minute=Now() - timedelta(minutes=3))
    assert not was_worker_seen("mail", timedelta(minutes=2))


def test_old_counts_go_with_the_finished_jobs() -> None:
    tallied("mail", 8 * 24 * 60 + 2, done=1)
    tallied("mail", 8 * 24 * 60 - 2, done=2)
    prune_finished_jobs.call()
    assert [tally.done for tally in Tally.objects.all()] == [2]
