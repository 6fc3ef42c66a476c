"""The right to withdraw from a purchase: by the guest's link, without a reason, in time, and confirmed by mail."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor
from orders.models import Order, Return
from orders.return_window import return_window
from orders.returning import withdraw_purchase
from orders.services import complete_order
from queue_table import clock
from queue_table.testing import run_due_jobs
from shop.mails.models import Mail
from tests.at_once import at_once
from tests.page_forms import as_shown
from tests.returns import asked_for, dispatched_order, received_order
from tests.shopping import holder_of, paid_order, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def path(order: Order) -> str:
    return f"/orders/{order.number}/withdrawal/"


def pieces(order: Order, count: Any) -> dict[str, str]:
    return {f"line-{order.lines.get().pk}": str(count)}


def said(answer: Any) -> str:
    return str(answer.content.decode())


def main(page: str) -> str:
    return page[page.index("<main") :]


def test_a_guest_withdraws_by_the_link_of_his_mail_alone() -> None:
    order = received_order()
    run_due_jobs()
    link = re.search(r"/orders/link/[\w-]+/", Mail.objects.filter(to=order.email).latest("pk").text)
    assert link
    guest = Client()
    page = said(guest.get(link[0], follow=True))
    assert path(order) in page
    opened = said(guest.get(path(order)))
    assert "need not say why" in opened
    question = said(guest.post(path(order), as_shown(main(opened))))
    assert "Do you want to withdraw?" in question
    assert not Return.objects.exists()
    mail.outbox.clear()
    done = guest.post(path(order), as_shown(main(question)))
    assert done["Location"] == f"/orders/{order.number}/"
    asked = Return.objects.get()
    assert (asked.status, asked.reason, asked.lines.get().quantity) == ("approved", "withdrawal", 3)
    assert written(order)[-1] == "purchase_withdrawn"
    run_due_jobs()
    [told] = mail.outbox
    assert told.subject == f"Your withdrawal from order {order.number}"
    assert "Your statement reached us on" in str(told.body)
    assert f"3 × {order.lines.get().title}" in str(told.body)
    assert "I have sent it" in said(guest.get(f"/orders/{order.number}/"))


def test_the_mail_is_written_in_the_order_s_language() -> None:
    order = received_order()
    Order.objects.filter(pk=order.pk).update(language="zh-hans")
    withdraw_purchase(order.pk, {order.lines.get().pk: 1}, known=0, now=clock.now())
    run_due_jobs()
    assert 'lang="zh-Hans"' in Mail.objects.latest("pk").html


def test_a_second_press_of_the_last_button_withdraws_nothing_more() -> None:
    order = received_order()
    client = holder_of(order)
    form = pieces(order, 1) | {"meant": "0"}
    client.post(path(order), form)
    page = said(client.post(path(order), form, follow=True))
    assert "Meanwhile something was asked back already" in page
    assert Return.objects.get().lines.get().quantity == 1


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_withdraw_once() -> None:
    for _ in range(5):
        order = received_order()
        form = pieces(order, 1) | {"meant": "0"}
        answers = at_once(*[partial(holder_of(order).post, path(order), form) for _ in range(3)])
        assert {getattr(answer, "status_code", answer) for answer in answers} == {302}
        assert order.returns.count() == 1
        assert written(order).count("purchase_withdrawn") == 1


def test_an_unanswered_wish_does_not_stand_in_the_way_of_the_right() -> None:
    order = received_order()
    asked_for(order, 2)
    assert holder_of(order).post(path(order), pieces(order, 1) | {"meant": "1"}).status_code == 302
    assert sorted(order.returns.values_list("status", flat=True)) == ["approved", "requested"]


@pytest.mark.parametrize("count", ["0", "-1", "4", "1e9", "", "\x00", "NaN"])
def test_a_number_that_can_not_be_is_asked_again(count: str) -> None:
    order = received_order()
    answer = holder_of(order).post(path(order), pieces(order, count) | {"meant": "0"})
    assert answer.status_code == 200
    assert "Do you want to withdraw?" not in said(answer)
    assert not Return.objects.exists()


@pytest.mark.parametrize("known", ["", "x", "-1", "9" * 5000, "\x00", "٣"])
def test_what_was_known_is_no_door(known: str) -> None:
    order = received_order()
    holder_of(order).post(path(order), pieces(order, 1) | {"meant": known})
    assert not Return.objects.exists()


def test_goods_that_are_still_here_are_cancelled_and_not_withdrawn_from() -> None:
    order = paid_order()
    assert holder_of(order).get(path(order))["Location"] == f"/orders/{order.number}/"
    with pytest.raises(IllegalMove):
        withdraw_purchase(order.pk, {order.lines.get().pk: 1}, known=0, now=clock.now())


def test_goods_on_their_way_can_be_withdrawn_from_before_they_are_there() -> None:
    order = dispatched_order()
    assert return_window(order).over_at is None
    assert withdraw_purchase(order.pk, {order.lines.get().pk: 1}, known=0, now=clock.now())


# Received, and the end of the day fourteen days later, by London's clock, in UTC.
DAYS = {
    "winter": ("2026-01-05 12:00", "2026-01-20 00:00"),
    "a minute before midnight": ("2026-01-05 23:59", "2026-01-20 00:00"),
    "midnight": ("2026-01-06 00:00", "2026-01-21 00:00"),
    "summer: the day is London's": ("2026-06-05 23:30", "2026-06-20 23:00"),
    "over the change in spring": ("2026-03-20 12:00", "2026-04-03 23:00"),
    "over the change in autumn": ("2026-10-20 12:00", "2026-11-04 00:00"),
}


@pytest.mark.parametrize("case", DAYS)
def test_the_days_are_counted_by_the_shop_s_own_clock(case: str) -> None:
    received, over = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in DAYS[case])
    order = dispatched_order()
    with time_machine.travel(received, tick=False):
        complete_order(order.pk, Actor.CUSTOMER)
    window = return_window(order)
    assert window.over_at == over
    assert window.is_open(over - timedelta(microseconds=1))
    assert not window.is_open(over)


def test_the_right_ends_with_the_window() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=15), tick=False):
        order = received_order()
    with pytest.raises(IllegalMove):
        withdraw_purchase(order.pk, {order.lines.get().pk: 1}, known=0, now=clock.now())
    assert "The time to send it back is over" in said(holder_of(order).post(path(order), pieces(order, 1)))
