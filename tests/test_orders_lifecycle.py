"""An order moves as its table says, each move with its row in the log; its number is one that nobody guesses."""

import math
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from orders import numbers
from orders.exceptions import IllegalMove
from orders.lifecycle import ORDER_SOURCES, PAYMENT_SOURCES, Actor, OrderStatus, PaymentStatus
from orders.models import Order, OrderEvent, Payment
from orders.paying import record_payment, start_payment
from orders.quotations import decline_quote, expire_quote
from orders.services import complete_order, expire_order
from queue_table.models import Job
from shop.aftersales.cancelling import cancel
from shop.checkout.late_money import settle_late_money
from shop.quotes.quoting import take
from tests.quotes import offered_quote
from tests.shopping import notice_for, placed_order, sent, written

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
LATER = timedelta(days=15)
MESSAGES = ["order.placed", "order.confirmed", "order.cancelled", "order.expired"]
WALKS = {
    OrderStatus.DRAFT: [],
    OrderStatus.PENDING: [OrderStatus.PENDING],
    OrderStatus.CONFIRMED: [OrderStatus.PENDING, OrderStatus.CONFIRMED],
    OrderStatus.COMPLETED: [OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.COMPLETED],
    OrderStatus.CANCELLED: [OrderStatus.PENDING, OrderStatus.CANCELLED],
    OrderStatus.EXPIRED: [OrderStatus.PENDING, OrderStatus.EXPIRED],
}
SILENT = {OrderStatus.CANCELLED, OrderStatus.EXPIRED}  # moves of a draft that send no message


def standing(status: OrderStatus) -> Order:
    """An order that came to this status by the system's own verbs, from the quote that it began as."""
    order = offered_quote()
    for step in WALKS[status]:
        drive(order, step)
    order.refresh_from_db()
    assert order.status == status
    return order


def drive(order: Order, target: OrderStatus) -> None:
    """Asks for the move through the service that makes it."""
    is_draft = Order.objects.get(pk=order.pk).status == OrderStatus.DRAFT
    if target == OrderStatus.PENDING:
        take(order, 1, timezone.now())
    elif target == OrderStatus.CONFIRMED:
        payment = order.payments.first() or start_payment(order.pk)
        record_payment(notice_for(payment), Actor.PROVIDER)
        for late in Job.objects.filter(kind="payment.late", order_id=order.pk):
            settle_late_money(order.pk, late.payload["kwargs"]["payment_id"])
    elif target == OrderStatus.CANCELLED:
        (decline_quote if is_draft else cancel)(order.pk, Actor.CUSTOMER)
    elif target == OrderStatus.EXPIRED:
        (expire_quote if is_draft else expire_order)(order.pk, timezone.now() + LATER)
    else:
        complete_order(order.pk, Actor.CUSTOMER)


def moves(allowed: bool) -> list[tuple[OrderStatus, OrderStatus]]:
    pairs = ((source, target) for target in ORDER_SOURCES for source in OrderStatus if source != target)
    return [(source, target) for source, target in pairs if (source in ORDER_SOURCES[target]) is allowed]


def moves_of(order: Order) -> list[str]:
    """Where the order went, as its log says."""
    return list(
        order.events.filter(subject="").exclude(to_status="").order_by("pk").values_list("to_status", flat=True)
    )


def state(order: Order) -> tuple[str, list[str], int]:
    status = Order.objects.values_list("status", flat=True).get(pk=order.pk)
    return status, written(order), sum(sent(kind, order_id=order.pk) for kind in MESSAGES)


@pytest.mark.parametrize(("source", "target"), moves(allowed=True))
def test_an_allowed_move_writes_one_row_of_the_log(source: OrderStatus, target: OrderStatus) -> None:
    order = standing(source)
    before = moves_of(order)
    drive(order, target)
    event = OrderEvent.objects.filter(order=order, subject="").exclude(to_status="").latest("pk")
    assert len(moves_of(order)) == len(before) + 1
    assert (event.from_status, event.to_status) == (source, target)
    assert state(order)[0] == target


@pytest.mark.parametrize(("source", "target"), moves(allowed=False))
def test_a_move_that_the_table_lacks_changes_no_status_and_sends_nothing(
    source: OrderStatus, target: OrderStatus
) -> None:
    order = standing(source)
    status, log, messages = state(order)
    if target == OrderStatus.PENDING:  # it was taken before: twice is once
        drive(order, target)
    elif (
        target == OrderStatus.CONFIRMED and source != OrderStatus.DRAFT
    ):  # money is written down wherever the order stands, and goes back
        drive(order, target)
        log = [*log, *(["payment_late", "refund_started"] if source != OrderStatus.COMPLETED else [])]
    elif target == OrderStatus.EXPIRED:
        assert expire_order(order.pk, timezone.now() + LATER) is False
    else:
        with pytest.raises(IllegalMove):
            drive(order, target)
    assert state(order) == (status, log, messages)


def test_what_is_paid_goes_on_to_the_doorstep_or_is_cancelled() -> None:
    """Said here once more, for the walks above follow whatever the table says."""
    after_payment = {target for target, sources in ORDER_SOURCES.items() if OrderStatus.CONFIRMED in sources}
    assert after_payment == {OrderStatus.COMPLETED, OrderStatus.CANCELLED}
    assert ORDER_SOURCES[OrderStatus.COMPLETED] == {OrderStatus.CONFIRMED}
    assert ORDER_SOURCES[OrderStatus.EXPIRED] == {OrderStatus.DRAFT, OrderStatus.PENDING}


@pytest.mark.parametrize("target", list(ORDER_SOURCES))
def test_being_there_already_is_success_and_writes_nothing(target: OrderStatus) -> None:
    order = standing(target)
    before = state(order)
    drive(order, target)
    assert state(order) == before


@pytest.mark.parametrize(("source", "target"), moves(allowed=True))
def test_a_failure_after_the_move_leaves_neither_move_nor_row(
    source: OrderStatus, target: OrderStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = standing(source)
    before = state(order)
    is_silent = target == OrderStatus.COMPLETED or (source == OrderStatus.DRAFT and target in SILENT)
    with monkeypatch.context() as patch:  # the last thing written: the message, or the log where there is none
        patch.setattr("orders.models.OrderEvent.save" if is_silent else "queue_table.outbox.insert_all", _breaks)
        with pytest.raises(ZeroDivisionError):
            drive(order, target)
    assert state(order) == before


def _breaks(*_: object, **__: object) -> None:
    raise ZeroDivisionError


SAID = [s for s in PaymentStatus if s not in {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}]  # by notices


@pytest.mark.parametrize(("source", "target"), [(s, t) for t in SAID[1:] for s in SAID if s != t])
def test_a_payment_moves_as_its_table_says(source: PaymentStatus, target: PaymentStatus) -> None:
    payment = placed_order().payments.get()
    if source != PaymentStatus.PENDING:
        record_payment(notice_for(payment, source), Actor.PROVIDER)
    record_payment(notice_for(payment, target), Actor.PROVIDER)
    assert Payment.objects.get(pk=payment.pk).status == (target if source in PAYMENT_SOURCES[target] else source)


def test_only_an_order_that_awaits_money_gets_a_payment() -> None:
    with pytest.raises(IllegalMove):
        start_payment(standing(OrderStatus.CANCELLED).pk)


def test_numbers_are_unlike_each_other_and_drawn_from_58_bits() -> None:
    drawn = {numbers.order_number() for _ in range(2000)}
    assert len(drawn) == 2000
    assert all(re.fullmatch(rf"[{numbers.ALPHABET}]{{4}}(-[{numbers.ALPHABET}]{{4}}){{2}}", number) for number in drawn)
    assert math.log2(len(set(numbers.ALPHABET)) ** 12) >= 58
    assert {len({number[i] for number in drawn}) for i in range(14)} == {1, len(numbers.ALPHABET)}  # 1: the two dashes


def test_a_number_that_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = placed_order().number
    monkeypatch.setattr("secrets.choice", _spells(taken))
    with pytest.raises(IntegrityError):
        placed_order()
    assert Order.objects.count() == 1


def _spells(number: str) -> object:
    letters = iter(number.replace("-", ""))
    return lambda alphabet: next(letters)
