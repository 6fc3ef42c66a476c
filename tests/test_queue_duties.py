"""Periodic duties: each slot once, however many come by."""

from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from queue_table import clock, duties
from queue_table.models import Job
from queue_table.outbox import enqueue_once
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
DUTY = "tests.sample_tasks.attempt_number"


def slots(monkeypatch: pytest.MonkeyPatch, *moments: int) -> list[str]:
    with override_settings(QUEUE_DUTIES={DUTY: 60}):
        for moment in moments:
            monkeypatch.setattr(duties, "epoch", lambda moment=moment: moment)
            duties.enqueue_due_duties()
    return [key.rsplit(":", 1)[1] for key in Job.objects.order_by("pk").values_list("dedupe_key", flat=True) if key]


def test_a_slot_is_enqueued_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert slots(monkeypatch, 600, 601, 659) == ["600"]


def test_the_next_slot_is_another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    assert slots(monkeypatch, 600, 660) == ["600", "660"]


def test_missed_slots_are_caught_up_by_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert slots(monkeypatch, 600, 3 * 3600) == ["600", "10800"]


def test_a_key_lets_one_row_in_even_when_the_look_before_sees_none(monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue_once(add, "key", kind="duty")
    blind: Any = type("Blind", (), {"exists": lambda self: False})
    monkeypatch.setattr(type(Job.objects.all()), "exists", blind.exists)
    enqueue_once(add, "key", kind="duty")
    assert Job.objects.count() == 1


def test_the_clock_is_the_databases_and_finer_than_a_second() -> None:
    moments = [clock.now() for _ in range(20)]
    assert moments == sorted(moments)
    assert any(moment.microsecond for moment in moments)
    assert abs((moments[-1] - timezone.now()).total_seconds()) < 5
