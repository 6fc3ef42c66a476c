"""The course of a return behind its answer: sent, counted, put into stock, while the receipt's clock stands still."""

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from delivery.models import Shipment
from delivery.tasks import enqueue_overdue
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order, Return
from orders.quotations import expire_quote
from orders.returning import answer_return, close_return, mark_sent, withdraw_return
from queue_table import clock
from queue_table.testing import run_due_jobs
from shop.aftersales.tasks import mind_receipts, restock_return
from shop.catalogue.models import Stock, StockMovement
from shop.ops.invariants import INVARIANTS
from shop.ops.invariants.checking import check
from shop.quotes.quoting import take
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.quotes import asked_quote, offered_quote
from tests.returns import approved, asked_for, counted, received_order
from tests.shopping import holder_of, paid_order, sent, status, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def shipped_order(quantity: int = 3) -> Order:
    """Its parcel is on its way: the clock of the receipt runs."""
    order = paid_order(variant=VariantFactory(pieces=10), quantity=quantity)
    run_due_jobs()
    mail.outbox.clear()
    return order


def parcel(order: Order) -> Shipment:
    return Shipment.objects.get(order_id=order.pk)


def course(order: Order) -> list[str]:
    return [kind for kind in written(order) if "return" in kind or "withdrawn" in kind]


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


def test_from_the_answer_to_the_shelf() -> None:
    order = shipped_order()
    client, asked = holder_of(order), approved(order, 2)
    assert "I have sent it" in client.get(f"/orders/{order.number}/").content.decode()
    client.post(f"/orders/{order.number}/return/{asked.pk}/sent/", {"tracking_number": " RM 12 "})
    asked.refresh_from_db()
    assert (asked.status, asked.tracking_number) == ("in_transit", "RM 12")
    assert counted(asked, 1)
    run_due_jobs()
    stock = Stock.objects.get(variant__sku=order.lines.get().sku)
    assert (stock.on_hand, stock.reserved) == (8, 0)
    [movement] = StockMovement.objects.filter(kind="returned")
    assert (movement.quantity, movement.reference) == (1, f"return:{asked.pk}")
    assert course(order) == ["return_requested", "return_approved", "return_sent", "return_received"]
    assert subjects() == [
        f"Our answer to your return of order {order.number}",
        f"Your return of order {order.number} is here",
    ]
    assert "1 came back" in client.get(f"/orders/{order.number}/").content.decode()


def test_the_log_says_which_return_moved_and_from_where_to_where() -> None:
    order = shipped_order()
    counted(approved(order, 1), 1)
    kept = asked_for(order, 1)
    withdraw_return(kept)
    first, second = (f"return:{asked.pk}" for asked in order.returns.order_by("pk"))
    moves = order.events.filter(subject__startswith="return:")
    assert list(moves.values_list("subject", "from_status", "to_status")) == [
        (first, "", "requested"),
        (first, "requested", "approved"),
        (first, "approved", "received"),
        (second, "", "requested"),
        (second, "requested", "cancelled"),
    ]


def test_what_can_not_be_sold_again_stays_out_of_the_stock() -> None:
    order = shipped_order()
    counted(approved(order), 2, restock=False)
    run_due_jobs()
    assert not StockMovement.objects.filter(kind="returned").exists()


def test_stock_takes_a_return_back_once_however_often_it_is_told() -> None:
    order = shipped_order()
    asked = approved(order)
    counted(asked, 2)
    for _ in range(3):
        restock_return.call(order_id=order.pk, return_id=asked.pk)
    assert StockMovement.objects.filter(kind="returned").count() == 1
    assert Stock.objects.get(variant__sku=order.lines.get().sku).on_hand == 9


@pytest.mark.parametrize("pieces", [-1, 0, 3])
def test_a_count_that_can_not_be_changes_nothing(pieces: int) -> None:
    order = received_order()
    asked = approved(order, 2)
    with pytest.raises(IllegalMove):
        counted(asked, pieces)
    asked.refresh_from_db()
    assert asked.status == "approved"
    assert asked.lines.get().received is None
    assert not sent("return.received")


def test_a_return_that_nobody_approved_can_not_be_sent_or_counted() -> None:
    asked = asked_for(received_order())
    with pytest.raises(IllegalMove):
        mark_sent(asked, Actor.CUSTOMER)
    with pytest.raises(IllegalMove):
        counted(asked, 1)


@pytest.mark.django_db(transaction=True)
def test_received_twice_at_once_is_received_once() -> None:
    for _ in range(5):
        order = received_order()
        asked = approved(order, 2)
        answers = at_once(partial(counted, asked, 2), partial(counted, asked, 1), partial(counted, asked, 2))
        assert sorted(answers) == [False, False, True]
        assert course(order).count("return_received") == 1
        assert sent("return.received", order_id=order.pk) == 1


@pytest.mark.django_db(transaction=True)
def test_of_sent_and_kept_at_once_the_log_tells_what_the_row_says() -> None:
    for _ in range(5):
        order = received_order()
        asked = approved(order)
        answers = at_once(partial(mark_sent, asked, Actor.CUSTOMER, "RM 12"), partial(withdraw_return, asked))
        assert sum(answer is True for answer in answers) == 1, answers
        asked.refresh_from_db()
        last = {"in_transit": "return_sent", "cancelled": "return_cancelled"}[asked.status]
        assert course(order)[-1] == last


def test_a_running_return_stops_the_clock_of_the_receipt_and_a_refused_one_lets_it_go_on() -> None:
    order = shipped_order()
    due = parcel(order).confirm_due_at
    asked = asked_for(order)
    run_due_jobs()
    assert (parcel(order).receipt_status, parcel(order).paused_reason) == ("paused", "return")
    page = holder_of(order).get(f"/orders/{order.number}/").content.decode()
    assert "stands still" in page
    assert "I have received it" not in page
    late = timezone.now() + timedelta(days=settings.RECEIPT_DAYS * 3)
    assert enqueue_overdue(late) == 0
    Shipment.objects.update(paused_at=timezone.now() - timedelta(days=4))
    answer_return(asked, ReturnStatus.REJECTED, Actor.STAFF, "worn")
    run_due_jobs()
    after = parcel(order)
    assert (after.receipt_status, after.paused_at, after.paused_reason) == ("waiting", None, "")
    assert due
    assert after.confirm_due_at
    assert timedelta(days=4) <= after.confirm_due_at - due < timedelta(days=4, minutes=5)
    assert enqueue_overdue(late) == 1
    assert list(after.events.values_list("kind", flat=True))[-2:] == ["paused", "resumed"]
    run_due_jobs()
    assert status(order) == "completed"


def test_two_returns_keep_the_clock_still_until_the_last_has_ended() -> None:
    order = shipped_order()
    first = approved(order, 1)
    second = asked_for(order, 1)
    withdraw_return(first)
    run_due_jobs()
    assert parcel(order).receipt_status == "paused"
    answer_return(second, ReturnStatus.REJECTED, Actor.STAFF, "worn")
    run_due_jobs()
    assert parcel(order).receipt_status == "waiting"


def test_news_of_a_return_that_comes_late_stops_no_clock() -> None:
    order = shipped_order()
    withdraw_return(asked_for(order))
    run_due_jobs()
    mind_receipts.call(order_id=order.pk)
    assert parcel(order).receipt_status == "waiting"


def test_goods_that_were_received_are_not_paused() -> None:
    order = shipped_order()
    holder_of(order).post(f"/orders/{order.number}/received/")
    run_due_jobs()
    asked_for(order)
    run_due_jobs()
    assert parcel(order).receipt_status == "confirmed"


def test_staff_close_a_return_of_which_nothing_came_and_the_customer_reads_why() -> None:
    order = shipped_order()
    asked = approved(order)
    run_due_jobs()
    assert close_return(asked, "Nothing came in six weeks.")
    run_due_jobs()
    assert parcel(order).receipt_status == "waiting"
    assert "Nothing came in six weeks." in str(mail.outbox[-1].body)
    assert "We have closed your return." in str(mail.outbox[-1].body)
    assert Return.objects.get().status == "cancelled"
    asked_for(order, 3)  # its pieces may be asked for again


def test_the_checks_find_nothing_broken_behind_returns_and_quotes() -> None:
    paused, resumed, back = shipped_order(), shipped_order(), shipped_order()
    asked_for(paused)
    withdrawn = asked_for(resumed)
    counted(approved(back), 2)
    run_due_jobs()
    withdraw_return(withdrawn)
    offered, taken, over = asked_quote(), offered_quote(), offered_quote()
    take(taken, 1, clock.now())
    expire_quote(over.pk, over.pay_by)
    run_due_jobs()
    assert [parcel(order).receipt_status for order in (paused, resumed, back)] == ["paused", "waiting", "paused"]
    assert (status(offered), status(taken), status(over)) == ("draft", "pending", "expired")
    assert [finding.broken for finding in check(INVARIANTS, lambda *seen: None).broken] == []
