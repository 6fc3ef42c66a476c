"""Two hands at one order, many times over, with real concurrency: one wins, and no money and no piece is lost.

RACE_PAIRS says how many times; `make races` takes a thousand on each database.
"""

import os
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count

from delivery.lifecycle import Actor as DeliveryActor
from delivery.models import Shipment
from delivery.services import mark_shipped
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order, Payment, Refund
from orders.paying import record_payment, start_payment
from orders.refunding import start_refund
from orders.services import expire_order
from queue_table import clock
from shop.aftersales.cancelling import cancel
from shop.catalogue.models import Stock, Variant
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.shopping import notice_for, paid_order, placed_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
PAIRS = int(os.environ.get("RACE_PAIRS", "40"))


@pytest.fixture(autouse=True)
def _by_hand(settings: Any) -> None:
    """A parcel waits in the house until somebody sends it."""
    settings.DELIVERY_CARRIER = "manual"


@pytest.fixture
def variant() -> Variant:
    return VariantFactory(pieces=100_000)


def pay(order: Order) -> Callable[[], Any]:
    return partial(record_payment, notice_for(order.payments.get()), Actor.PROVIDER)


def drain() -> None:
    """However many jobs there are, and however slow the machine."""
    call_command("process_order_queue", max_seconds=float("inf"), processes=0, verbosity=0)


def judged(variant: Variant) -> dict[str, int]:
    """Lets the queue run out, and holds the books against each other; how many orders ended in which status."""
    drain()
    for order in Order.objects.prefetch_related("payments", "refunds", "events"):
        kept = sum(payment.captured - payment.refunded for payment in order.payments.all())
        assert kept == (order.total if order.status in {"confirmed", "completed"} else 0), order.status
        moves = [
            (event.from_status, event.to_status)
            for event in order.events.all()
            if event.to_status and not event.subject
        ]
        assert [source for source, _ in moves] == ["", *(target for _, target in moves[:-1])]
    assert not Payment.objects.values("settles").exclude(settles=None).annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert not Refund.objects.exclude(status="done").exists()
    going = Order.objects.filter(status="confirmed").count()
    shipped = Shipment.objects.filter(status="shipped").count()
    stock = Stock.objects.get(pk=variant.pk)
    assert (stock.reserved, stock.on_hand) == (going - shipped, 100_000 - shipped)
    return dict(Order.objects.order_by().values_list("status").annotate(Count("pk")))


def test_pay_against_expire_ends_with_the_goods(variant: Variant) -> None:
    """The goods are there, so that late money always finds them again."""
    for _ in range(PAIRS):
        order = placed_order(variant=variant)
        paid, expired = at_once(pay(order), partial(expire_order, order.pk, order.pay_by))
        assert (paid, type(expired)) == (None, bool)
    assert judged(variant) == {"confirmed": PAIRS}
    assert not Refund.objects.exists()


def test_pay_against_expire_ends_with_the_money_where_the_goods_are_gone(variant: Variant) -> None:
    for _ in range(PAIRS):
        order = placed_order(variant=variant)
        at_once(pay(order), partial(expire_order, order.pk, order.pay_by))
        order.refresh_from_db()
        if order.status == "expired":
            order.lines.update(quantity=200_000)  # more than there ever was
    ends = judged(variant)
    assert sum(ends.values()) == PAIRS
    assert Refund.objects.filter(reason="late").count() == ends.get("expired", 0)


def test_pay_against_cancel_ends_cancelled_and_with_all_of_the_money_back(variant: Variant) -> None:
    for _ in range(PAIRS):
        order = placed_order(variant=variant)
        assert at_once(pay(order), partial(cancel, order.pk, Actor.CUSTOMER)) == [None, None]
    assert judged(variant) == {"cancelled": PAIRS}
    assert Refund.objects.count() == PAIRS


def test_of_two_payments_one_settles_and_the_other_goes_back(variant: Variant) -> None:
    for _ in range(PAIRS):
        order = placed_order(variant=variant)
        first = order.payments.get()
        record_payment(notice_for(first, PaymentStatus.FAILED), Actor.PROVIDER)
        second = start_payment(order.pk)
        notices = [notice_for(first), notice_for(second)]  # the first one's money came all the same
        assert at_once(*(partial(record_payment, notice, Actor.PROVIDER) for notice in notices)) == [None, None]
    assert judged(variant) == {"confirmed": PAIRS}
    assert Refund.objects.filter(reason="twice").count() == PAIRS


def test_of_two_refunds_that_are_too_much_together_one_wins(variant: Variant) -> None:
    for _ in range(PAIRS):
        order = paid_order(variant=variant)
        refund = partial(
            start_refund, order.pk, amount=Decimal("1.50"), reason=Refund.Reason.GOODWILL, actor=Actor.STAFF
        )
        outcomes = at_once(refund, refund)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IllegalMove", "Refund"]
    drain()
    assert list(Payment.objects.values_list("refunded", flat=True)) == [Decimal("1.50")] * PAIRS
    assert Refund.objects.filter(status="done").count() == PAIRS


def test_of_refund_and_dispatch_one_wins_and_never_both(variant: Variant) -> None:
    orders = [paid_order(variant=variant) for _ in range(PAIRS)]
    drain()
    for order in orders:
        parcel = Shipment.objects.get(order_id=order.pk)
        send = partial(mark_shipped, parcel, "RM1", DeliveryActor.STAFF, clock.now())
        sent, stopped = at_once(send, partial(cancel, order.pk, Actor.CUSTOMER))
        assert (sent is True) != (stopped is None), (sent, stopped)
        assert isinstance(stopped, IllegalMove) or type(sent).__name__ == "IllegalMove"
    ends = judged(variant)
    assert sum(ends.values()) == PAIRS
    assert Refund.objects.count() == ends.get("cancelled", 0)
    assert Shipment.objects.filter(status="shipped").count() == ends.get("confirmed", 0)
