"""Money goes back once, to where it came from, and never more than came."""

from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.exceptions import GatewayDown, GatewayRefused, IllegalMove
from orders.gatewaying import send_refund
from orders.lifecycle import Actor, PaymentStatus, RefundStatus
from orders.models import Order, OrderLine, Payment, Refund
from orders.payments import GATEWAYS
from orders.payments.protocol import RepaymentNotice
from orders.payments.sandbox import SandboxGateway
from orders.refunding import refundable, settle_refund, shipping_left, start_refund, worth
from queue_table.models import Job
from queue_table.testing import run_due_jobs
from shop.catalogue.models import Stock
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.shopping import paid_order, run_queue, sent, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
GOODWILL, RETURNED = Refund.Reason.GOODWILL, Refund.Reason.RETURNED


class Unsure(SandboxGateway):
    """Does what it is asked, and its answers get lost on the way; what it did, it remembers by its key."""

    name = "unsure"

    def __init__(self, lost: int = 1) -> None:
        self.lost, self.done, self.asked = lost, {}, 0

    def refund(self, charge: Any, repayment: Any) -> RepaymentNotice:
        self.asked += 1
        notice = RepaymentNotice(reference=repayment.reference, outcome=RefundStatus.DONE, provider_id="r1")
        self.done.setdefault(repayment.reference, notice)
        if self.lost:
            self.lost -= 1
            raise GatewayDown("the line went dead")
        return notice

    def find_refund(self, charge: Any, repayment: Any) -> RepaymentNotice | None:
        return self.done.get(repayment.reference)


def sent_order(**wishes: Any) -> Order:
    """Paid, and its parcel is on its way."""
    order = paid_order(**wishes)
    run_due_jobs()
    mail.outbox.clear()
    return order


def money(order: Order) -> tuple[str, Decimal, Decimal]:
    payment = order.payments.get()
    return payment.status, payment.captured, payment.refunded


def test_a_part_goes_back_and_then_the_rest() -> None:
    order = sent_order(quantity=4)
    line = order.lines.get()
    first = start_refund(order.pk, lines={line.pk: 1}, reason=GOODWILL, actor=Actor.STAFF)
    assert (first.amount, money(order)) == (Decimal("2.55"), ("paid", Decimal("10.20"), Decimal("2.55")))
    run_due_jobs()
    assert money(order)[0] == PaymentStatus.PARTIALLY_REFUNDED
    assert refundable(order) == {line: 3}
    rest = start_refund(order.pk, reason=GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    assert (rest.amount, money(order)) == (Decimal("7.65"), ("refunded", Decimal("10.20"), Decimal("10.20")))
    assert written(order)[-4:] == ["refund_started", "refunded"] * 2
    assert [message.subject for message in mail.outbox] == [f"Your money for order {order.number} goes back to you"] * 2
    assert "£2.55" in str(mail.outbox[0].body)


def test_more_pieces_or_more_money_than_are_left_are_refused_and_nothing_is_written() -> None:
    order = sent_order(quantity=2)
    line = order.lines.get()
    start_refund(order.pk, lines={line.pk: 1}, reason=GOODWILL, actor=Actor.STAFF)
    before = (money(order), written(order), sent("refund.requested"))
    for wish in (
        *({"lines": {line.pk: pieces}} for pieces in (2, 0, -1)),
        *({"amount": Decimal(amount)} for amount in ("2.56", "0", "-1", "0.001")),
        {"lines": {line.pk + 1: 1}},
        {"shipping": True},
    ):
        with pytest.raises(IllegalMove):
            start_refund(order.pk, reason=GOODWILL, actor=Actor.STAFF, **wish)
    assert (money(order), written(order), sent("refund.requested")) == before


def test_the_database_itself_refuses_more_than_came() -> None:
    payment = paid_order().payments.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refunded=payment.captured + Decimal("0.01"))


def test_the_last_penny_of_many_parts_goes_back_too() -> None:
    """0.1 + 0.2 is more than 0.3 to a float, and SQLite keeps floats."""
    order = sent_order(variant=VariantFactory(price=Decimal("0.10")), quantity=3)
    for _ in range(3):
        start_refund(order.pk, lines={order.lines.get().pk: 1}, reason=GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    assert money(order) == ("refunded", Decimal("0.30"), Decimal("0.30"))


def test_the_delivery_goes_back_with_its_tax_once() -> None:
    order = sent_order()
    Order.objects.filter(pk=order.pk).update(shipping="3.00", tax="1.00", tax_included=False, total="6.55")
    OrderLine.objects.update(tax="0.40")
    order.payments.update(captured="6.55")
    order.refresh_from_db()
    assert shipping_left(order) == Decimal("3.60")
    refund = start_refund(order.pk, shipping=True, reason=GOODWILL, actor=Actor.STAFF)
    assert (refund.amount, shipping_left(order)) == (Decimal("3.60"), 0)
    with pytest.raises(IllegalMove):
        start_refund(order.pk, shipping=True, reason=GOODWILL, actor=Actor.STAFF)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["JPY", "GBP", "KWD"]),
    st.decimals(0, 999, places=3),
    st.integers(1, 12),
    st.decimals(0, 1, places=2),
    st.data(),
)
def test_the_parts_of_a_line_add_up_to_what_was_paid_for_it(
    currency: str, price: Decimal, quantity: int, part: Decimal, data: Any
) -> None:
    whole = price * quantity
    order = Order(currency=currency, tax_included=True)
    line = OrderLine(order=order, unit_price=price, quantity=quantity, discount=whole * part)
    cuts = sorted({0, quantity, *data.draw(st.lists(st.integers(0, quantity), max_size=4))})
    parts = [worth(line, b - a, a) for a, b in pairwise(cuts)]
    assert sum(parts) == worth(line, quantity)
    assert all(amount >= 0 for amount in parts)


def test_pieces_that_came_back_are_sold_again_once() -> None:
    variant = VariantFactory(pieces=10)
    order = sent_order(variant=variant, quantity=3)
    assert Stock.objects.get(pk=variant.pk).on_hand == 7
    start_refund(order.pk, lines={order.lines.get().pk: 2}, restock=True, reason=RETURNED, actor=Actor.STAFF)
    run_due_jobs()
    job = Job.objects.get(task="shop.catalogue.tasks.take_back_stock")
    Job.objects.filter(pk=job.pk).update(status=0, finished_at=None, stage=0, attempts=0)  # told once more
    run_due_jobs()
    stock = Stock.objects.get(pk=variant.pk)
    assert (stock.on_hand, stock.reserved) == (9, 0)


def test_what_never_left_the_house_is_not_put_back_nor_paid_back_whole() -> None:
    order = paid_order(quantity=2)
    for wish in ({"lines": {order.lines.get().pk: 1}, "restock": True}, {}):
        with pytest.raises(IllegalMove):
            start_refund(order.pk, reason=GOODWILL, actor=Actor.STAFF, **wish)
    start_refund(order.pk, lines={order.lines.get().pk: 1}, reason=GOODWILL, actor=Actor.STAFF)


def _at(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> Refund:
    order = sent_order()
    monkeypatch.setitem(GATEWAYS, gateway.name, gateway)
    order.payments.update(gateway=gateway.name)
    return start_refund(order.pk, reason=GOODWILL, actor=Actor.STAFF)


def test_a_time_out_is_no_failure_and_the_gateway_is_asked_before_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Unsure()
    refund = _at(gateway, monkeypatch)
    with pytest.raises(GatewayDown):
        send_refund(refund.pk)
    refund.refresh_from_db()
    assert (refund.status, money(refund.order)[0]) == ("requested", "paid")
    assert send_refund(refund.pk)
    refund.refresh_from_db()
    assert (refund.status, refund.provider_id, gateway.asked) == ("done", "r1", 1)


def test_a_refund_that_takes_its_time_is_asked_for_again_and_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(SandboxGateway):
        name = "slow"
        answers = [RefundStatus.REQUESTED, RefundStatus.DONE]

        def refund(self, charge: Any, repayment: Any) -> RepaymentNotice:
            return RepaymentNotice(reference=repayment.reference, outcome=self.answers[0])

        def find_refund(self, charge: Any, repayment: Any) -> RepaymentNotice:
            return RepaymentNotice(reference=repayment.reference, outcome=self.answers[1])

    refund = _at(Slow(), monkeypatch)
    run_due_jobs()
    job = Job.objects.get(task="orders.tasks.send_refund")
    assert (job.status, job.attempts) == (0, 0)  # snoozed
    assert send_refund(refund.pk)
    refund.refresh_from_db()
    assert refund.status == RefundStatus.DONE


def test_a_refund_that_the_gateway_refuses_leaves_the_money_to_be_given_back_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stubborn(SandboxGateway):
        name = "stubborn"

        def refund(self, charge: Any, repayment: Any) -> RepaymentNotice:
            raise GatewayRefused("the card is gone")

    refund = _at(Stubborn(), monkeypatch)
    run_due_jobs()
    refund.refresh_from_db()
    assert (refund.status, money(refund.order)) == ("failed", ("paid", Decimal("2.55"), 0))
    assert refund.order.events.latest("pk").note == "the card is gone"
    assert refundable(refund.order)


def test_a_transfer_is_paid_back_by_staff_who_say_so() -> None:
    order = sent_order()
    order.payments.update(gateway="manual")
    refund = start_refund(order.pk, reason=GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    assert Refund.objects.get().status == RefundStatus.REQUESTED
    for _ in range(2):
        settle_refund(RepaymentNotice(reference=refund.reference, outcome=RefundStatus.DONE), Actor.STAFF)
    assert Refund.objects.get().status == RefundStatus.DONE
    assert (written(order).count("refunded"), sent("refund.done")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_refunds_at_once_give_back_what_there_is_and_no_more() -> None:
    order = paid_order(quantity=4)
    run_queue()
    line = order.lines.get().pk
    halves = [partial(start_refund, order.pk, amount=Decimal("5.10"), reason=GOODWILL, actor=Actor.STAFF)] * 2
    thirds = [partial(start_refund, order.pk, lines={line: 3}, reason=GOODWILL, actor=Actor.STAFF)] * 2
    outcomes = at_once(*halves, *thirds)
    assert {type(outcome) for outcome in outcomes} <= {Refund, IllegalMove}
    given = sum(outcome.amount for outcome in outcomes if isinstance(outcome, Refund))
    assert money(order)[1:] == (Decimal("10.20"), given)
    assert Decimal(5) < given <= Decimal("10.20")
    run_queue()
    assert Refund.objects.exclude(status="done").count() == 0
