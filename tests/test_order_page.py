"""The order's page: how it stands, what the shopper can do now, and how long a look again makes sense."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order, OrderEvent
from orders.paying import record_payment, start_payment
from orders.services import cancel_order, complete_order, expire_order
from queue_table.testing import run_due_jobs
from tests.shopping import holder_of, notice_for, paid_order, placed_order, status, tamper

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


def page(order: Order, **headers: str) -> str:
    answer = holder_of(order).get(f"/orders/{order.number}/", headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def pause(order: Order) -> int | None:
    """Seconds after which the page asks again by itself; None if it never does."""
    found = re.search(r'hx-trigger="every (\d+)s"', page(order, **FRAGMENT))
    return int(found[1]) if found else None


def test_money_that_comes_after_the_end_is_said_to_the_customer() -> None:
    for end in (lambda order: expire_order(order.pk, order.pay_by), lambda order: cancel_order(order, Actor.CUSTOMER)):
        order = placed_order()
        end(order)
        assert "The money is safe" not in page(order)
        record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
        assert "Your payment reached us after this order had ended. The money is safe" in page(order)
        assert pause(order) == 3


def test_money_that_is_another_sum_or_too_much_is_said_too() -> None:
    order = placed_order()
    record_payment(notice_for(order.payments.get(), amount=1), Actor.PROVIDER)
    assert "is not the sum of this order" in page(order)
    order = placed_order()
    first = order.payments.get()
    record_payment(notice_for(first, PaymentStatus.FAILED), Actor.PROVIDER)
    second = start_payment(order.pk)
    for payment in (first, second):
        record_payment(notice_for(payment), Actor.PROVIDER)
    assert "More money reached us" in page(order)
    run_due_jobs()
    assert "More money reached us" not in page(order)
    assert "You paid this order twice. We paid back £2.55" in page(order)


def test_after_a_payment_that_failed_he_tries_again_on_the_same_order() -> None:
    order = placed_order()
    client = holder_of(order)
    record_payment(notice_for(order.payments.get(), PaymentStatus.FAILED), Actor.PROVIDER)
    assert "The payment did not go through" in page(order)
    assert client.post(f"/orders/{order.number}/pay/")["Location"] == f"/orders/{order.number}/pay/"
    assert order.payments.count() == 2
    assert "/sandbox-pay/" in str(client.get(f"/orders/{order.number}/pay/").content)
    record_payment(notice_for(order.payments.latest("pk")), Actor.PROVIDER)
    assert status(order) == "confirmed"
    assert "The payment did not go through" not in page(order)


def test_cancelling_takes_a_second_step_and_works_without_a_script() -> None:
    order = placed_order()
    text = page(order)
    step = re.search(r"<details.*?</details>", text, re.DOTALL)
    assert step
    assert f'action="/orders/{order.number}/cancel/"' in step[0]
    assert text.count(f'action="/orders/{order.number}/cancel/"') == 1
    holder_of(order).post(f"/orders/{order.number}/cancel/")
    assert "This order is cancelled" in page(order)


def test_the_page_counts_down_by_the_servers_clock() -> None:
    order = placed_order()
    found = re.search(r'data-countdown="([^"]+)" data-now="([^"]+)"', page(order))
    assert found
    until, now = (timezone.datetime.fromisoformat(moment) for moment in found.groups())
    assert timedelta(minutes=29) < until - now <= timedelta(minutes=30)


def test_it_asks_for_news_ever_less_often_and_stops_when_nothing_can_come() -> None:
    order = placed_order()
    pauses = []
    for quiet in (timedelta(0), timedelta(minutes=6), timedelta(days=1)):
        tamper(OrderEvent.objects.all(), at=timezone.now() - quiet)
        pauses.append(pause(order))
    assert pauses == [3, 20, 120]
    cancel_order(order, Actor.CUSTOMER)
    assert pause(order) is None
    paid = paid_order()
    assert pause(paid) == 3
    complete_order(paid.pk, Actor.CUSTOMER)
    assert pause(paid) is None
    assert "Look again for news" not in page(paid)


def test_without_a_script_there_is_a_button_to_look_again() -> None:
    order = placed_order()
    found = re.search(r"<noscript>(.*?)</noscript>", page(order), re.DOTALL)
    assert found
    assert f'href="/orders/{order.number}/"' in found[1]


def test_the_parcels_own_news_stand_with_their_times() -> None:
    order = paid_order()
    run_due_jobs()
    text = page(order)
    for words in ("It left our house", "The carrier was asked to fetch it", "We began to pack it", "Invoice"):
        assert words in text
    holder_of(order).post(f"/orders/{order.number}/received/")
    run_due_jobs()
    assert "It was received" in page(order)


def test_a_double_press_of_each_button_is_one_deed() -> None:
    order = placed_order()
    client = holder_of(order)
    for path in ("pay/", "pay/", "cancel/", "cancel/", "pay/", "received/"):
        assert client.post(f"/orders/{order.number}/{path}").status_code == 302
    assert list(order.events.values_list("kind", flat=True)) == ["placed", "payment_started", "cancelled"]


def test_who_has_no_right_is_shown_the_way_to_his_order() -> None:
    order: Any = placed_order()
    answer = Client().get(f"/orders/{order.number}/")
    assert answer.status_code == 404
    assert "/orders/find/" in str(answer.content)
