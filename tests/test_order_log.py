"""The order log grows and nothing else; who did what from where stands in it; and each order's rows hang together."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone as clock

from orders.exceptions import AppendOnly
from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order, OrderEvent
from orders.paying import record_payment
from orders.proving import broken_logs, log_fault
from orders.services import adopt_orders, cancel_order, complete_order, expire_order, note_dispatch
from orders.tasks import forget_addresses
from queue_table.models import Job
from shop.mails.models import Mail
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.shopping import (
    checkout_fields,
    holder_of,
    notice_for,
    paid_order,
    placed_order,
    run_queue,
    shopper_with,
    tamper,
    written,
)

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
FROM, TO, ELSEWHERE = "203.0.113.7", "2001:db8::1", "198.51.100.9"
SQUARE = "Ünïcødé 灯笼 🏮 'quoted' \"twice\" \\ and\ttabs  "


def whole(order: Order) -> bool:
    return log_fault(order.pk) is None


def closed_order() -> Order:
    """With a log of several rows."""
    order = paid_order()
    note_dispatch(order.pk)
    complete_order(order.pk, Actor.CUSTOMER)
    assert written(order) == ["placed", "payment_started", "paid", "dispatched", "completed"]
    return order


def last(order: Order) -> OrderEvent:
    return order.events.latest("position")


def test_rows_stand_in_their_order_and_the_order_knows_the_last() -> None:
    order = closed_order()
    order.refresh_from_db()
    assert list(order.events.values_list("position", flat=True)) == [1, 2, 3, 4, 5]
    assert (order.log_length, order.log_hash) == (5, last(order).hash)
    assert len({event.hash for event in order.events.all()}) == 5
    assert whole(order)


@pytest.mark.parametrize(
    "act",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda event: OrderEvent.objects.filter(pk=event.pk).update(note="never"),
        lambda event: OrderEvent.objects.filter(pk=event.pk).delete(),
        lambda event: OrderEvent.objects.bulk_update([event], ["note"]),
        lambda event: event.order.events.all().delete(),
    ],
    ids=["save", "delete", "update", "delete of many", "update of many", "delete of an order's"],
)
def test_a_row_is_neither_changed_nor_deleted(act: Callable[[OrderEvent], Any]) -> None:
    event = last(closed_order())
    with pytest.raises(AppendOnly):
        act(event)
    assert OrderEvent.objects.count() == 5
    assert whole(event.order)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, 59, 999999, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=14))),
        datetime(2026, 1, 1, 0, 0, 0, 120000, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
    ],
    ids=lambda at: at.isoformat(),
)
def test_what_the_database_gives_back_has_the_hash_of_what_was_written(at: datetime) -> None:
    order = closed_order()
    OrderEvent.objects.create(order=order, kind="dispatched", actor="staff", note=SQUARE, staff_id=2**40, at=at)
    assert whole(order)
    assert last(order).at == at


CHANGES: dict[str, Any] = {
    "kind": "expired",
    "subject": "payment:1",
    "from_status": "draft",
    "to_status": "draft",
    "actor": "staff",
    "staff_id": 7,
    "note": "nothing happened",
    "address": ELSEWHERE,
    "address_seal": "0" * 64,
    "position": 9,
    "hash": "0" * 64,
    "at": datetime(2020, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_row_that_was_changed_shows(column: str, position: int) -> None:
    order, other = closed_order(), closed_order()
    assert tamper(order.events.filter(position=position), **{column: CHANGES[column]}) == 1
    assert [log.order_id for log in broken_logs(0, other.pk)] == [order.pk]
    assert whole(other)


def test_a_row_that_went_to_another_order_shows_on_both() -> None:
    order, other = closed_order(), placed_order()
    tamper(order.events.filter(position=5), order=other, position=3)
    assert [log.order_id for log in broken_logs(0, other.pk)] == [order.pk, other.pk]


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_row_that_is_missing_shows(position: int) -> None:
    order = closed_order()
    order.events.filter(position=position)._raw_delete("default")
    assert not whole(order)


def test_rows_cut_off_at_the_end_show_even_if_all_are_gone() -> None:
    order = closed_order()
    for position in (5, 4, 3, 2, 1):
        order.events.filter(position=position)._raw_delete("default")
        assert "missing" in str(log_fault(order.pk))


def test_a_row_that_was_put_in_shows_even_with_a_hash_that_fits() -> None:
    order = closed_order()
    before = Order.objects.filter(pk=order.pk).values("log_length", "log_hash").get()
    OrderEvent.objects.create(order=order, kind="cancelled", actor="system")
    Order.objects.filter(pk=order.pk).update(**before)
    assert "not known to the order" in str(log_fault(order.pk))


def test_a_failure_leaves_neither_the_row_nor_its_place() -> None:
    order = placed_order()
    with pytest.raises(ZeroDivisionError):
        _cancel_in_vain(order)
    assert whole(order)
    order.status = "pending"  # the instance still believes in the row that was rolled back
    cancel_order(order, Actor.CUSTOMER)
    assert list(order.events.values_list("position", "kind")) == [
        (1, "placed"),
        (2, "payment_started"),
        (3, "cancelled"),
    ]
    assert whole(order)


@transaction.atomic
def _cancel_in_vain(order: Order) -> None:
    cancel_order(order, Actor.CUSTOMER)
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_rows_of_one_order_at_once_stand_one_behind_the_other() -> None:
    order = placed_order()
    writers = [partial(OrderEvent.objects.create, order_id=order.pk, kind="dispatched", actor="system")] * 3
    stale = [partial(OrderEvent.objects.create, order=_as_read(order), kind="adopted", actor="system") for _ in "123"]
    for _ in range(5):
        assert not [said for said in at_once(*writers, *stale) if isinstance(said, Exception)]
    assert list(order.events.order_by("position").values_list("position", flat=True)) == list(range(1, 33))
    assert whole(order)


def _as_read(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


@pytest.mark.django_db(transaction=True)
def test_verbs_of_one_order_at_once_leave_a_whole_log() -> None:
    for _ in range(10):
        order = placed_order()
        pay = partial(record_payment, notice_for(order.payments.get()), Actor.PROVIDER)
        end = partial(expire_order, order.pk, order.pay_by)
        at_once(
            pay, end, partial(cancel_order, _as_read(order), Actor.STAFF), partial(adopt_orders, order.email, "c:1")
        )
        assert whole(order), written(order)


def test_the_log_says_which_payment_moved_and_from_where_to_where() -> None:
    order = placed_order()
    payment = order.payments.get()
    record_payment(notice_for(payment, PaymentStatus.FAILED), Actor.PROVIDER)
    moves = order.events.exclude(subject="").values_list("kind", "subject", "from_status", "to_status")
    assert list(moves) == [
        ("payment_started", f"payment:{payment.pk}", "", "pending"),
        ("payment_failed", f"payment:{payment.pk}", "pending", "failed"),
    ]


def test_orders_taken_into_an_account_have_their_row_each() -> None:
    orders = [placed_order() for _ in range(3)]
    assert adopt_orders("Ada@example.org", "customer:1") == 3
    assert all(written(order)[-1] == "adopted" and whole(order) for order in orders)


# Who, and from where.


def test_a_shopper_s_address_stands_in_the_log_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    client = shopper_with({VariantFactory().sku: 1}, REMOTE_ADDR=FROM)
    client.post("/checkout/", checkout_fields(client))
    order = Order.objects.get()
    assert list(order.events.values_list("kind", "address", "staff_id")) == [
        ("placed", FROM, None),
        ("payment_started", FROM, None),
    ]
    run_queue()
    rows = [str(row) for model in (Job, Mail) for row in model.objects.values()]
    assert not [text for text in [*rows, caplog.text] if FROM in text]


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
@pytest.mark.parametrize(
    ("told", "kept"), [(f"{ELSEWHERE}, {TO}", TO), ("nobody, knows", ""), ("<script>", ""), (f"[{TO}]:443", TO)]
)
def test_behind_a_proxy_it_is_the_address_that_the_proxy_tells(told: str, kept: str) -> None:
    order = placed_order()
    client = holder_of(order)
    client.post(f"/orders/{order.number}/cancel/", headers={"X-Forwarded-For": told}, REMOTE_ADDR=FROM)
    assert (last(order).kind, last(order).address) == ("cancelled", kept)


def test_staff_stand_in_the_log_by_their_id(client: Client) -> None:
    user = User.objects.create_user("sam", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "change_order"]))
    client.force_login(user)
    order = placed_order()
    chosen = {"action": "cancel", "_selected_action": [order.pk], "reason": "The mug broke."}
    client.post(reverse("admin:orders_order_changelist"), chosen, REMOTE_ADDR=FROM)
    event = last(order)
    assert (event.kind, event.actor, event.staff_id, event.address) == ("cancelled", "staff", user.pk, FROM)
    assert (event.from_status, event.to_status) == ("pending", "cancelled")


def test_what_machines_say_has_no_address() -> None:
    order = paid_order()
    assert (last(order).actor, last(order).address, last(order).address_seal) == ("provider", "", "")


def test_addresses_are_forgotten_in_time_and_the_log_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.querysets.OrderEventQuerySet.AT_ONCE", 2)
    orders = [ordered_from(FROM) for _ in range(3)]
    with override_settings(ORDER_ADDRESS_DAYS=180):
        forget_addresses.call()
        assert OrderEvent.objects.filter(address=FROM).count() == 6
        with patch("orders.tasks.clock.now", return_value=clock.now() + timedelta(days=180)):
            forget_addresses.call()
    assert not OrderEvent.objects.exclude(address="", address_salt="").exists()
    assert all(whole(order) for order in orders)


def ordered_from(address: str) -> Order:
    client = shopper_with({VariantFactory().sku: 1}, REMOTE_ADDR=address)
    client.post("/checkout/", checkout_fields(client))
    return Order.objects.latest("pk")


def test_an_address_that_was_changed_or_put_in_shows() -> None:
    orders = [ordered_from(FROM) for _ in range(2)] + [paid_order()]
    for order in orders[1:]:
        tamper(order.events.filter(position=1), address=ELSEWHERE)
    assert [whole(order) for order in orders] == [True, False, False]
