"""How work gets into the table: one by one, once, in bulk; all of it or nothing."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from queue_table import bell
from queue_table.batches import batch
from queue_table.messages import OrderConfirmed
from queue_table.models import Job
from queue_table.outbox import call, enqueue_many, enqueue_once, job_for, publish
from tests.at_once import at_once
from tests.sample_tasks import add, append, pass_door
from tests.test_queue_outages import cut_all_other_connections

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
LATER = datetime(2100, 1, 1, 12, 30, tzinfo=UTC)
ODD = [
    {"args": [], "kwargs": {}},
    {"args": ["", " ", "'", '"', "\\", "\\\\u0000", "%s", "%%", "{}", "\n\t\x01", "\u2028"], "kwargs": {}},
    {"args": ["Zażółć 漢字 😀 \u0301"], "kwargs": {"Größe": "ß"}},
    {"args": [0, -1, 2**63, 10**40, 0.1, -1.5e-7, True, False, None], "kwargs": {}},
    {"args": [[[[]]], {"a": {"b": [{}]}}], "kwargs": {"x": [1, [2, [3]]]}},
]


def arguments() -> list[list[Any]]:
    return [payload["args"] for payload in Job.objects.order_by("pk").values_list("payload", flat=True)]


@pytest.fixture(autouse=True)
def _in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's bell is a statement of its own, now and then."""
    monkeypatch.setattr(bell, "ring", lambda: None)


def test_a_request_whose_connection_was_cut_since_the_last_one_enqueues_on_a_new_one() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no connections to cut")
    add.enqueue(1, 2)
    [cut] = at_once(cut_all_other_connections)
    assert cut >= 1
    close_old_connections()  # as Django does when a request begins
    add.enqueue(3, 4)
    assert arguments() == [[1, 2], [3, 4]]


def test_a_task_is_enqueued_by_one_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        add.enqueue(1, 2)
    assert len(queries) == (2 if not connection.features.can_return_columns_from_insert else 1)


def test_a_message_is_published_to_all_subscribers_in_order(settings: Any) -> None:
    routes = {"order.confirmed": [add.module_path, append.module_path, pass_door.module_path]}
    settings.QUEUE_ROUTES = settings.QUEUE_ROUTES | routes
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        publish(OrderConfirmed(order_id=7, order_number="A", customer="guest"))
    assert len(queries) == 2, "one for all that differ in their task only"
    jobs = Job.objects.order_by("pk")
    assert [job.task for job in jobs] == routes["order.confirmed"]
    assert {(job.kind, job.order_id, job.user_info) for job in jobs} == {("order.confirmed", 7, "guest")}
    assert all(
        job.payload == {"args": [], "kwargs": {"order_id": 7, "order_number": "A", "customer": "guest"}} for job in jobs
    )
    assert [(job.stage, job.limit_key) for job in jobs] == [(0, None), (0, None), (2, "the only door")]


def test_what_is_rolled_back_was_never_enqueued() -> None:
    with transaction.atomic():
        add.enqueue(1, 2)
        enqueue_once(add, "key", kind="duty")
        enqueue_many(add, [call(1, 2)])
        transaction.set_rollback(True)
    assert not Job.objects.exists()


@pytest.mark.parametrize("way", ["one by one", "once", "many", "for tests"])
def test_a_row_waits_for_its_time_then_for_its_place_then_for_a_worker(way: str) -> None:
    for task in (add, pass_door, add.using(run_after=LATER), pass_door.using(run_after=LATER)):
        put = {
            "one by one": lambda task=task: task.enqueue(1),
            "once": lambda task=task: enqueue_once(task, str(Job.objects.count()), kind="duty", args=[1]),
            "many": lambda task=task: enqueue_many(task, [call(1)]),
            "for tests": lambda task=task: job_for(task, args=[1]).save(),
        }[way]
        put()
    rows = Job.objects.order_by("pk").values_list("stage", "limit_key")
    door = "the only door"
    assert list(rows) == [(0, None), (2, door), (1, None), (1, door)]
    moments = list(Job.objects.order_by("pk").values_list("available_at", flat=True))
    assert moments[2:] == [LATER, LATER]
    assert abs(moments[0] - timezone.now()) < timedelta(seconds=60)


@pytest.mark.parametrize("payload", ODD)
def test_arguments_come_back_as_they_went_in(payload: dict[str, Any]) -> None:
    result = append.enqueue(*payload["args"], **payload["kwargs"])
    enqueue_many(append, [call(*payload["args"], **payload["kwargs"]), call(1)])
    publish_odd = enqueue_many(append, [call(*payload["args"], **payload["kwargs"]).once("key")])
    assert publish_odd == 1
    kept = list(Job.objects.order_by("pk").values_list("payload", flat=True))
    assert [kept[0], kept[1], kept[3]] == [payload] * 3
    assert (result.args, result.kwargs) == (payload["args"], payload["kwargs"])


# Many at once


def test_many_are_written_in_the_order_of_the_calls() -> None:
    assert enqueue_many(add, (call(number, 0) for number in range(2500)), kind="sum", order_id=7, user_info="u") == 2500
    assert arguments() == [[number, 0] for number in range(2500)]
    assert set(Job.objects.values_list("kind", "order_id", "user_info", "max_attempts")) == {("sum", 7, "u", 3)}


def test_ten_thousand_are_a_handful_of_statements() -> None:
    with CaptureQueriesContext(connection) as queries:
        enqueue_many(add, (call(number, 0) for number in range(10_000)))
    assert len(queries) <= 12


def test_large_payloads_fit_into_what_the_database_takes_at_once(settings: Any) -> None:
    settings.QUEUE_PAYLOAD_BYTES = 1_000_000
    assert enqueue_many(add, (call("x" * 700_000, number) for number in range(30))) == 30
    assert [number for _, number in arguments()] == list(range(30))


def test_none_of_many_is_written_when_one_cannot_be() -> None:
    def calls() -> Iterator[Any]:
        yield from (call(number, 0) for number in range(1500))
        yield call(object())

    with pytest.raises(TypeError, match=r"tests\.sample_tasks\.add"):
        enqueue_many(add, calls())
    assert not Job.objects.exists()
    with transaction.atomic():
        add.enqueue(1, 2)
        with pytest.raises(TypeError):
            enqueue_many(add, calls())
    assert arguments() == [[1, 2]], "the caller's own transaction goes on"


def test_no_calls_write_nothing() -> None:
    assert enqueue_many(add, []) == 0
    assert not Job.objects.exists()


TOO_LARGE = "é" * 150_000
DOORS: dict[str, Callable[[str], object]] = {
    "enqueue": lambda text: append.enqueue(text, "w"),
    "enqueue_once": lambda text: enqueue_once(append, "key", kwargs={"path": text}),
    "enqueue_many": lambda text: enqueue_many(append, [call(1), call(text)]),
    "publish": lambda text: publish(OrderConfirmed(order_id=7, order_number=text, customer="guest")),
    "batch": lambda text: batch_with(text),
    "for tests": lambda text: job_for(append, args=[text]),
}


def batch_with(text: str) -> None:
    with batch() as filled:
        filled.enqueue(append, text)


@pytest.mark.parametrize("door", DOORS)
def test_arguments_that_are_too_large_are_refused_at_every_door(door: str) -> None:
    with transaction.atomic(), pytest.raises(ValueError, match=r"300\d\d\d bytes.* QUEUE_PAYLOAD_BYTES .*its key"):
        DOORS[door](TOO_LARGE)
    assert not Job.objects.exists()
    with transaction.atomic():
        DOORS[door](TOO_LARGE[:130_000])


def test_known_and_repeated_keys_are_passed_over_whatever_their_status() -> None:
    enqueue_once(add, "known", kind="duty")
    calls = [call(1, 1).once("new"), call(2, 2).once("known"), call(3, 3), call(4, 4).once("new"), call(5, 5)]
    assert enqueue_many(add, calls) == 3
    assert sorted(arguments()) == [[], [1, 1], [3, 3], [5, 5]]
    assert enqueue_many(add, calls[:2]) == 0


def test_calls_with_keys_are_written_last_in_the_order_of_their_keys() -> None:
    calls = [call(1, 1).once("c"), call(2, 2), call(3, 3).once("a"), call(4, 4).once("b"), call(5, 5)]
    assert enqueue_many(add, calls) == 5
    assert arguments() == [[2, 2], [5, 5], [3, 3], [4, 4], [1, 1]]


def test_eight_hands_at_once_write_each_key_once() -> None:
    calls = [call(number, 0).once(f"key {number:04}") for number in range(300)]
    assert sum(at_once(*[lambda: enqueue_many(add, calls)] * 8)) == 300
    assert Job.objects.count() == 300


def test_four_hands_at_once_with_the_same_keys_in_any_order_never_deadlock() -> None:
    calls = [call(number, 0).once(f"key {number}") for number in range(2000)]
    orders = [random.sample(calls, len(calls)) for _ in range(4)]
    written = at_once(*[partial(enqueue_many, add, order) for order in orders])
    assert sorted(written, key=str) == [0, 0, 0, 2000]
    assert Job.objects.count() == 2000


def test_who_holds_a_key_that_another_waits_for_can_enqueue_more() -> None:
    """But for the least of all keys: MariaDB locks the gap before it, into which rows without a key would go."""
    enqueue_once(add, "a key before the others", kind="duty")
    calls = [call(number, 0).once(f"key {number}") for number in range(1500)]

    def hold_and_go_on() -> int:
        with transaction.atomic():
            written = enqueue_many(add, calls)
            for _ in range(20):
                add.enqueue(1, 1)
                enqueue_many(add, [call(1, 1)])
            return written

    assert sorted(at_once(*[hold_and_go_on] * 4), key=str) == [0, 0, 0, 1500]


def test_eight_hands_at_once_write_a_row_once() -> None:
    assert at_once(*[lambda: enqueue_once(add, "slot", kind="duty")] * 8) == [None] * 8
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "k" * 65},
        {"user_info": "u" * 256},
        {"dedupe_key": "d" * 191},
        *({column: odd} for column in ("kind", "user_info", "dedupe_key") for odd in ("nul \0", "half \ud800")),
    ],
)
def test_a_text_that_does_not_fit_its_column_is_refused_by_every_database(columns: dict[str, str]) -> None:
    about = {"kind": "duty", "dedupe_key": "key"} | columns
    with pytest.raises(ValueError, match=next(iter(columns))):
        enqueue_once(add, about.pop("dedupe_key"), **about)
    about = {"kind": "duty", "dedupe_key": "key"} | columns
    with pytest.raises(ValueError, match=next(iter(columns))):
        enqueue_many(add, [call(1).once(about.pop("dedupe_key"))], **about)
    assert not Job.objects.exists()


# The bell


def test_the_bell_rings_for_what_a_worker_could_take_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[int] = []
    monkeypatch.setattr(bell, "ring", lambda: rings.append(1))
    later = add.using(run_after=LATER)
    for quiet in (lambda: later.enqueue(1), lambda: enqueue_many(later, [call(1)]), lambda: enqueue_many(add, [])):
        quiet()
    enqueue_once(later, "key", kind="duty")
    enqueue_once(add, "key", kind="duty")
    assert rings == []
    add.enqueue(1, 1)
    pass_door.enqueue()
    enqueue_many(add, [call(1, 1)] * 10)
    enqueue_once(add, "other key", kind="duty")
    assert len(rings) == 4


def test_keys_are_told_apart_letter_by_letter() -> None:
    keys = ["aB", "Ab", "café", "cafe", "straße", "strasse"]
    assert enqueue_many(add, [call(1, 1).once(key) for key in keys]) == len(keys)
