"""Money that comes after the end: it finds its goods again, or it goes back, and the customer is told which."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core import mail
from django.utils import timezone

from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order, Refund
from orders.paying import record_payment, start_payment
from orders.payments.protocol import Notice
from orders.services import cancel_order, expire_order
from queue_table.models import Job
from queue_table.testing import run_due_jobs
from shop.catalogue.models import Stock, Variant
from shop.checkout.late_money import settle_late_money
from shop.checkout.models import Voucher, VoucherUse
from tests.at_once import at_once
from tests.factories import VariantFactory, VoucherFactory
from tests.shopping import holder_of, notice_for, placed_order, run_queue, sent, status, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def expired(variant: Variant, quantity: int = 1, **chosen: object) -> tuple[Order, Notice]:
    """An order whose time is over, and the word that it was paid all the same."""
    order = placed_order(variant=variant, quantity=quantity, **chosen)
    notice = notice_for(order.payments.get())
    expire_order(order.pk, order.pay_by)
    return order, notice


def held(variant: Variant) -> tuple[int, int]:
    stock = Stock.objects.get(pk=variant.pk)
    return stock.on_hand, stock.reserved


def page(order: Order) -> str:
    return str(holder_of(order).get(f"/orders/{order.number}/").content.decode())


def test_the_order_goes_on_when_its_goods_are_still_there() -> None:
    variant = VariantFactory(pieces=3)
    order, notice = expired(variant, 2)
    run_due_jobs()
    assert held(variant) == (3, 0)
    record_payment(notice, Actor.PROVIDER)
    assert "In a moment it says here which you get" in page(order)
    settle_late_money(order.pk, order.payments.get().pk)
    assert (status(order), held(variant)) == ("confirmed", (3, 2))
    assert "we still had your goods: the order goes on" in page(order)
    run_due_jobs()
    assert held(variant) == (1, 0)  # sent: the second hold is the one that went out
    assert any("is paid" in message.subject for message in mail.outbox)
    assert not Refund.objects.exists()


def test_all_of_it_goes_back_when_the_goods_are_gone() -> None:
    variant = VariantFactory(pieces=1)
    order, notice = expired(variant)
    run_due_jobs()
    other = placed_order(variant=variant)
    record_payment(notice, Actor.PROVIDER)
    run_due_jobs()
    assert (status(order), status(other), held(variant)) == ("expired", "pending", (1, 1))
    assert order.payments.get().status == PaymentStatus.REFUNDED
    assert written(order)[-3:] == ["payment_late", "refund_started", "refunded"]
    assert "its goods were no longer there. We paid back £2.55" in page(order)
    assert "after order" in next(str(m.body) for m in mail.outbox if "goes back" in m.subject)


def test_money_for_a_cancelled_order_goes_back() -> None:
    variant = VariantFactory()
    order = placed_order(variant=variant)
    cancel_order(order, Actor.CUSTOMER)
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    run_due_jobs()
    assert (status(order), held(variant)) == ("cancelled", (10, 0))
    assert order.payments.get().status == PaymentStatus.REFUNDED


def test_what_is_paid_twice_goes_back_once_and_the_order_goes_on() -> None:
    order = placed_order()
    first = order.payments.get()
    record_payment(notice_for(first, PaymentStatus.FAILED), Actor.PROVIDER)
    second = start_payment(order.pk)
    for payment in (second, first, first):
        record_payment(notice_for(payment), Actor.PROVIDER)
    run_due_jobs()
    assert status(order) == "confirmed"
    assert dict(order.payments.values_list("pk", "status")) == {first.pk: "refunded", second.pk: "paid"}
    assert [refund.reason for refund in order.refunds.all()] == ["twice"]


def test_two_transactions_of_one_payment_are_two_payments() -> None:
    order = placed_order()
    asked = order.payments.get()
    for transaction in ("t1", "t2", "t1", "t2"):
        record_payment(notice_for(asked, transaction=transaction), Actor.PROVIDER)
    run_due_jobs()
    assert list(order.payments.order_by("pk").values_list("transaction", "status")) == [
        ("t1", "paid"),
        ("t2", "refunded"),
    ]
    assert order.refunds.get().amount == order.total


@pytest.mark.parametrize("release_first", [True, False])
def test_the_jobs_of_the_end_free_nothing_that_late_money_has_taken_again(release_first: bool) -> None:
    """They may be late themselves: then the first hold is freed by who takes the second."""
    voucher = VoucherFactory(code="ONCE", limit_total=1, limit_per_customer=1)
    variant = VariantFactory(pieces=1)
    order, notice = expired(variant, voucher="ONCE", expected_total=Decimal("1.55"))
    if release_first:
        run_due_jobs()
    record_payment(notice, Actor.PROVIDER)
    settle_late_money(order.pk, order.payments.get().pk)
    Job.objects.exclude(kind="order.expired").delete()
    run_due_jobs()
    voucher.refresh_from_db()
    assert (status(order), held(variant)) == ("confirmed", (1, 1))
    assert (voucher.used, VoucherUse.objects.count()) == (1, 1)


def test_a_voucher_that_others_used_up_meanwhile_sends_the_money_back() -> None:
    VoucherFactory(code="ONCE", limit_total=1)
    variant = VariantFactory(pieces=5)
    order, notice = expired(variant, voucher="ONCE", expected_total=Decimal("1.55"))
    run_due_jobs()
    placed_order(variant=variant, voucher="ONCE", expected_total=Decimal("1.55"))
    record_payment(notice, Actor.PROVIDER)
    run_due_jobs()
    assert (status(order), held(variant)) == ("expired", (5, 1))
    assert (order.payments.get().status, Voucher.objects.get().used) == ("refunded", 1)


def test_late_money_is_settled_once_however_often_it_is_told() -> None:
    variant = VariantFactory(pieces=9)
    order, notice = expired(variant)
    record_payment(notice, Actor.PROVIDER)
    for _ in range(3):
        settle_late_money(order.pk, order.payments.get().pk)
    assert (status(order), held(variant), sent("order.confirmed")) == ("confirmed", (9, 1), 1)
    assert not Refund.objects.exists()


def test_a_crash_between_the_steps_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = VariantFactory(pieces=9)
    order, notice = expired(variant)
    record_payment(notice, Actor.PROVIDER)
    run = partial(settle_late_money, order.pk, order.payments.get().pk)
    with monkeypatch.context() as patch:
        patch.setattr("shop.checkout.late_money.revive_order", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run()
    assert (status(order), held(variant)) == ("expired", (9, 1))  # the first hold, still to be freed by its job
    run()
    run_due_jobs()
    assert (status(order), held(variant)) == ("confirmed", (8, 0))


@pytest.mark.django_db(transaction=True)
def test_two_late_payments_and_one_last_piece() -> None:
    for _ in range(5):
        variant = VariantFactory(pieces=1)
        one, first = expired(variant)
        run_queue()
        other, second = expired(variant)
        run_queue()
        for notice in (first, second):
            record_payment(notice, Actor.PROVIDER)
        assert at_once(*(partial(settle_late_money, order.pk, order.payments.get().pk) for order in (one, other))) == [
            None,
            None,
        ]
        assert sorted([status(one), status(other)]) == ["confirmed", "expired"]
        assert Refund.objects.filter(order__in=[one, other]).count() == 1
        assert held(variant) == (1, 1)


def test_an_expired_order_takes_its_open_payment_back_at_the_gateway() -> None:
    order = placed_order(now=timezone.now() - timedelta(hours=1))
    run_queue()
    assert (status(order), order.payments.get().status) == ("expired", "voided")
