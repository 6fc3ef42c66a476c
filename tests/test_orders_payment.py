"""Money confirms an order once; money that does not fit is held for staff, and nothing of it is lost."""

import logging
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from orders.lifecycle import Actor, PaymentStatus
from orders.models import PaymentCallback
from orders.paying import record_payment, start_payment
from orders.payments.sandbox import write_notice
from tests.at_once import at_once
from tests.shopping import call_back, heard, notice_for, placed_order, run_queue, sent, status, written

PAID_LOG = ["placed", "payment_started", "paid"]
databases = pytest.mark.databases


@databases
@pytest.mark.django_db
def test_a_signed_notice_confirms_the_order_once() -> None:
    order = placed_order()
    for _ in range(3):
        heard(*write_notice(notice_for(order.payments.get())))
    assert (status(order), written(order)) == ("confirmed", PAID_LOG)
    assert sent("order.confirmed", order_id=order.pk) == 1


@databases
@pytest.mark.django_db(transaction=True)
def test_five_equal_notices_at_once_are_applied_once() -> None:
    order = placed_order()
    signature, body = write_notice(notice_for(order.payments.get()))
    assert at_once(*[partial(call_back, signature, body)] * 5) == [200] * 5
    assert PaymentCallback.objects.count() == sent("payment.callback") == 1
    run_queue()
    assert (status(order), written(order)[:3]) == ("confirmed", PAID_LOG)
    assert written(order).count("paid") == 1
    assert sent("order.confirmed", order_id=order.pk) == 1


@databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", [{"amount": Decimal(1)}, {"currency": "JPY"}], ids=str)
def test_money_that_does_not_fit_is_held_and_staff_are_told_once(
    said: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    order = placed_order()
    for _ in range(2):
        heard(*write_notice(notice_for(order.payments.get(), **said)))
    assert (status(order), written(order)) == ("pending", ["placed", "payment_started", "payment_held"])
    assert order.payments.get().status == PaymentStatus.PENDING
    assert sent("order.confirmed") == 0
    assert [r.levelno for r in caplog.records if order.number in r.getMessage()] == [logging.ERROR]


@pytest.mark.django_db
def test_the_same_sum_written_otherwise_fits() -> None:
    order = placed_order()
    same = order.total.normalize() + Decimal("0.00000")
    heard(*write_notice(notice_for(order.payments.get(), amount=same)))
    assert status(order) == "confirmed"


@databases
@pytest.mark.django_db
def test_a_notice_of_monstrous_numbers_and_words_is_held() -> None:
    payment = placed_order().payments.get()
    for said in [{"amount": Decimal("9" * 400)}, {"amount": Decimal("1E+99999")}, {"currency": "£" * 99}]:
        heard(*write_notice(notice_for(payment, **said)))
    assert written(payment.order).count("payment_held") == 3


@databases
@pytest.mark.django_db
@pytest.mark.parametrize("ending", [PaymentStatus.FAILED, PaymentStatus.VOIDED])
def test_a_payment_that_came_to_nothing_can_be_tried_again(ending: PaymentStatus) -> None:
    order = placed_order()
    first = order.payments.get()
    assert start_payment(order.pk) == first  # the open one, as long as it is open
    record_payment(notice_for(first, ending), Actor.PROVIDER)
    assert status(order) == "pending"
    second = start_payment(order.pk)
    assert second.reference != first.reference
    record_payment(notice_for(second), Actor.PROVIDER)
    assert status(order) == "confirmed"


@databases
@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_pay_open_one_payment() -> None:
    order = placed_order()
    record_payment(notice_for(order.payments.get(), PaymentStatus.FAILED), Actor.PROVIDER)
    opened = at_once(*[partial(start_payment, order.pk)] * 3)
    assert len({payment.pk for payment in opened}) == 1
    assert order.payments.count() == 2
