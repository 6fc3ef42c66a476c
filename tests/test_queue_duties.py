"""Periodic duties: each slot once, however many come by, and by the clock on the wall when the clocks change."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from queue_table import checks, clock, duties
from queue_table.models import Job
from queue_table.outbox import enqueue_once
from tests.at_once import at_once
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
DUTY = "tests.sample_tasks.attempt_number"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    duties.forget()
    yield
    duties.forget()


def slots() -> list[str]:
    return [key.rsplit(":", 1)[1] for key in Job.objects.order_by("pk").values_list("dedupe_key", flat=True) if key]


def come_by(*moments: datetime, every: int | str) -> list[str]:
    """The slots in the table after somebody came by at these moments."""
    with override_settings(QUEUE_DUTIES={DUTY: every}):
        for moment in moments:
            duties.enqueue_due_duties(as_of=moment)
    return slots()


def epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_slot_is_enqueued_once() -> None:
    assert come_by(epoch(600), epoch(601), epoch(659), every=60) == ["600"]


def test_the_next_slot_is_another_row() -> None:
    assert come_by(epoch(600), epoch(659), epoch(660), every=60) == ["600", "660"]


def test_missed_slots_of_an_interval_are_caught_up_by_one_run() -> None:
    assert come_by(epoch(600), epoch(3 * 3600), every=60) == ["600", "10800"]


def test_missed_days_are_caught_up_by_one_run() -> None:
    assert come_by(NOON, NOON + timedelta(days=5), every="04:00") == ["2026-06-01", "2026-06-06"]


def test_before_its_time_of_the_day_the_slot_is_still_that_of_yesterday() -> None:
    with override_settings(TIME_ZONE="Europe/London"):  # 13:00 there
        assert come_by(NOON, every="13:01") == ["2026-05-31"]
        assert come_by(NOON + timedelta(minutes=1), every="13:01") == ["2026-05-31", "2026-06-01"]


def test_a_process_that_forgot_asks_the_table() -> None:
    come_by(NOON, every=60)
    duties.forget()
    assert len(come_by(NOON, every=60)) == 1


@pytest.mark.parametrize(
    ("zone", "wall_clock", "first", "second"),
    [
        # Clocks go forward over it: at the first moment after the gap, and on the other day as the clock says.
        ("Europe/London", "01:30", "2026-03-28 01:30", "2026-03-29 01:00"),
        ("Europe/London", "01:00", "2026-03-29 01:00", "2026-03-30 00:00"),
        ("America/New_York", "02:30", "2026-03-07 07:30", "2026-03-08 07:00"),
        ("America/New_York", "02:59", "2026-03-08 07:00", "2026-03-09 06:59"),
        # Clocks go back and show it twice: the first time only.
        ("Europe/London", "01:30", "2026-10-25 00:30", "2026-10-26 01:30"),
        ("Europe/London", "01:00", "2026-10-24 00:00", "2026-10-25 00:00"),
        ("America/New_York", "01:30", "2026-11-01 05:30", "2026-11-02 06:30"),
        # It is there once: a day of 23 or 25 hours lies between two runs.
        ("Europe/London", "04:00", "2026-03-28 04:00", "2026-03-29 03:00"),
        ("Europe/London", "04:00", "2026-10-24 03:00", "2026-10-25 04:00"),
        ("America/New_York", "04:00", "2026-03-07 09:00", "2026-03-08 08:00"),
        ("America/New_York", "04:00", "2026-10-31 08:00", "2026-11-01 09:00"),
        ("America/New_York", "00:00", "2026-11-01 04:00", "2026-11-02 05:00"),
    ],
)
def test_a_time_of_the_day_comes_once_a_day_also_when_clocks_change(
    zone: str, wall_clock: str, first: str, second: str
) -> None:
    expected = [datetime.fromisoformat(f"{moment}+00:00") for moment in (first, second)]
    begin, end = expected[0] - timedelta(minutes=30), expected[1] + timedelta(hours=3)
    with override_settings(TIME_ZONE=zone):
        come_by(begin - timedelta(minutes=30), every=wall_clock)  # yesterday's
        assert list(_moments_with_a_new_row(begin, end, wall_clock)) == expected


def _moments_with_a_new_row(begin: datetime, end: datetime, wall_clock: str) -> Iterator[datetime]:
    """Somebody comes by every half an hour, and a minute before it and after it."""
    known, moment = len(slots()), begin
    while moment <= end:
        for near in (moment - timedelta(minutes=1), moment, moment + timedelta(minutes=1)):
            now_known = len(come_by(near, every=wall_clock))
            if now_known > known:
                yield near
            known = now_known
        moment += timedelta(minutes=30)


def test_a_second_visit_in_the_same_slot_costs_no_query() -> None:
    with override_settings(QUEUE_DUTIES={DUTY: "04:00", "tests.sample_tasks.add": 86400}):
        duties.enqueue_due_duties()
        with CaptureQueriesContext(connection) as queries:
            for _ in range(10):
                duties.enqueue_due_duties()
        assert [query["sql"] for query in queries.captured_queries] == []
    assert Job.objects.count() == 2


def test_whoever_stays_sees_the_next_slots_begin() -> None:
    with override_settings(QUEUE_DUTIES={DUTY: 1}):
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            duties.enqueue_due_duties()
            time.sleep(0.05)
    moments = [int(slot) for slot in slots()]
    assert len(moments) in (3, 4)
    assert moments == list(range(moments[0], moments[0] + len(moments)))


def test_a_slot_whose_transaction_was_rolled_back_is_enqueued_again() -> None:
    with override_settings(QUEUE_DUTIES={DUTY: "04:00"}):
        with transaction.atomic():
            duties.enqueue_due_duties()
            transaction.set_rollback(True)
        assert slots() == []
        duties.enqueue_due_duties()
    assert len(slots()) == 1


def test_hosts_that_come_by_at_the_same_time_enqueue_a_slot_once() -> None:
    with override_settings(QUEUE_DUTIES={DUTY: 60}):
        assert at_once(*[lambda: duties.enqueue_due_duties(as_of=NOON)] * 4) == [None] * 4
    assert len(slots()) == 1


def test_a_key_lets_one_row_in_even_when_the_look_before_sees_none(monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue_once(add, "key", kind="duty")
    blind: Any = type("Blind", (), {"exists": lambda self: False})
    monkeypatch.setattr(type(Job.objects.all()), "exists", blind.exists)
    enqueue_once(add, "key", kind="duty")
    assert Job.objects.count() == 1


@pytest.mark.parametrize("every", [0, -60, True, 1.5, None, "4:00", "24:00", "04:60", "04:00:00", "daily", ""])
def test_nonsense_in_the_duties_is_found_before_the_start(every: object) -> None:
    with override_settings(QUEUE_DUTIES={DUTY: every}):
        [error] = checks.check_duties(None)
    assert error.id == "queue_table.E004"
    assert DUTY in error.msg


@pytest.mark.parametrize("every", [1, 86400, "00:00", "23:59"])
def test_seconds_and_times_of_the_day_are_no_nonsense(every: object) -> None:
    with override_settings(QUEUE_DUTIES={DUTY: every}):
        assert checks.check_duties(None) == []


def test_the_clock_is_the_databases_and_finer_than_a_second() -> None:
    moments = [clock.now() for _ in range(20)]
    assert moments == sorted(moments)
    assert any(moment.microsecond for moment in moments)
    assert abs((moments[-1] - timezone.now()).total_seconds()) < 5
