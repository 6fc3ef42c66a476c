"""How many limited jobs are begun in a second."""

import random
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.test import override_settings

from queue_table import limits
from queue_table.claims import Claim
from queue_table.lifecycle import Stage, Status
from queue_table.limits import admit, seconds_to_next
from queue_table.models import Job, QueueLimit
from queue_table.outbox import call, enqueue_many
from queue_table.rates import Rate, rate_of
from tests.at_once import at_once
from tests.queue_rows import claim, put
from tests.sample_tasks import add, knock, pass_door, ring_bell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture(autouse=True)
def _from_the_first_key() -> None:
    limits._round.last = ""


def finish(claims: Iterable[Claim]) -> None:
    for one in claims:
        Job.objects.complete(one)


def let_pass(seconds: float) -> None:
    """Lets the rates' clocks go on."""
    QueueLimit.objects.update(next_at=F("next_at") - timedelta(seconds=seconds))


def test_a_rate_lets_one_through_each_interval_over_many_of_them() -> None:
    enqueue_many(ring_bell, (call() for _ in range(40)))
    let_through = []
    for seconds in (3600, 0, 1800, 1790, 20, 3570, 35, 7200, 0):
        let_pass(seconds)
        let_through.append(admit())
        finish(claim(100))
    assert let_through == [1, 0, 0, 0, 1, 0, 1, 1, 0]


def test_after_a_rest_a_seconds_worth_is_let_through_at_once_and_no_more() -> None:
    enqueue_many(knock, (call() for _ in range(60)))
    admit()
    for _ in range(2):
        let_pass(3600)
        finish(claim(100))
        began = time.monotonic()
        assert admit() == 10
        finish(claim(100))
        assert admit() <= 10 * (time.monotonic() - began) + 1


def test_what_no_worker_has_claimed_yet_counts_as_let_through() -> None:
    enqueue_many(knock, (call() for _ in range(40)))
    for _ in range(5):
        admit()
        let_pass(60)
    assert Job.objects.filter(stage=Stage.AVAILABLE).count() == 10


def test_a_rate_alone_does_not_limit_how_many_are_under_way() -> None:
    enqueue_many(knock, (call() for _ in range(20)))
    for _ in range(3):
        admit()
        claim(100)
        let_pass(10)
    assert Job.objects.filter(status=Status.CLAIMED).count() == 20


def test_eight_hands_at_once_let_no_more_through_than_the_rate() -> None:
    enqueue_many(knock, (call() for _ in range(100)))
    admit()
    let_pass(3600)
    finish(claim())
    began = time.monotonic()
    at_once(*[lambda: [admit() for _ in range(10)]] * 8)
    seconds = time.monotonic() - began
    finish(claim(100))
    assert 10 <= Job.objects.filter(status=Status.DONE).count() - 1 <= 11 + 10 * seconds


def test_it_is_known_how_long_a_rate_makes_the_next_one_wait() -> None:
    put(pass_door)
    assert seconds_to_next() is None
    enqueue_many(ring_bell, (call() for _ in range(3)))
    assert (seconds_to_next(), admit()) == (None, 2)
    finish(claim())
    pause = seconds_to_next()
    assert pause is not None
    assert 3500 < pause <= 3600
    let_pass(3590)
    pause = seconds_to_next()
    assert pause is not None
    assert 0 <= pause <= 10


def test_in_any_second_at_most_one_more_than_the_rate_is_let_through() -> None:
    enqueue_many(knock, (call() for _ in range(80)))
    admit()
    let_pass(3600)
    finish(claim(100))
    moments = []
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        admit()
        moments += Job.objects.filter(stage=Stage.AVAILABLE, status=Status.READY).values_list("updated_at", flat=True)
        finish(claim(100))
    assert len(moments) > 15
    assert most_in_a_second([moment.timestamp() for moment in moments]) <= 11


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(first <= moment < first + 1 for moment in moments) for first in moments)


@pytest.mark.parametrize(("written", "most"), [("2/s", 3), ("10/s", 11), ("50/s", 52), ("90/minute", 2)])
def test_however_often_somebody_looks_a_rate_is_kept(written: str, most: int) -> None:
    rate, chance = rate_of(written), random.Random(7)  # noqa: S311 (to be the same each time)
    for pause in (0.001, 0.02, 0.2, 1.5):
        now = next_at = datetime(2026, 1, 1, tzinfo=UTC)
        moments: list[float] = []
        for _ in range(2000):
            now += timedelta(seconds=chance.expovariate(1 / pause))
            passed = rate.earned(next_at, now)
            next_at = rate.after(passed, next_at, now) if passed else next_at
            moments += [now.timestamp()] * passed
        assert most_in_a_second(moments[:500]) <= most
        seconds = moments[-1] - moments[0]
        assert len(moments) <= seconds * rate.times / rate.seconds + rate.burst + 2
        assert pause > rate.interval / 5 or len(moments) > 0.9 * seconds * rate.times / rate.seconds


def test_a_rate_that_was_slower_keeps_nobody_waiting_for_long() -> None:
    with override_settings(QUEUE_LIMITS={"shopify": {"rate": "1/day"}}):
        for _ in range(3):
            put(add.using(queue_name="shopify"), 1, 1)
        assert (admit(), admit()) == (1, 0)
    with override_settings(QUEUE_LIMITS={"shopify": {"rate": "10/s"}}):
        give_up_at, admitted = time.monotonic() + 30, 0
        while not admitted and time.monotonic() < give_up_at:
            admitted = admit()
        assert admitted
    assert admit() == 2 - admitted, "without a rate nobody waits"


def test_a_rate_is_written_in_many_ways() -> None:
    assert rate_of("10/s") == rate_of((10, timedelta(seconds=1))) == Rate(10, 1)
    assert [rate_of(text).burst for text in ("10/second", "100/minute", "2000/hour", "5/day")] == [10, 1, 1, 1]
    assert rate_of("100 / m").interval == pytest.approx(0.6)
