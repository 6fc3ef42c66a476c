"""Money confirms an order once; money that does not fit is held for staff, and nothing of it is lost."""

import logging
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from orders.lifecycle import Actor, OrderStatus, PaymentStatus
from orders.models import Payment
from orders.payments.sandbox import write_notice
from orders.services import accept_notice, cancel_order, expire_order, record_payment, start_payment
from tests.at_once import at_once
from tests.shopping import call_back, notice_for, placed_order, sent, status, written

PAID_LOG = ["placed", "payment_started", "paid"]
databases = pytest.mark.databases


@databases
@pytest.mark.django_db
def test_a_signed_notice_confirms_the_order_once() -> None:
    order = placed_order()
    for _ in range(3):
        assert call_back(*write_notice(notice_for(order.payments.get()))) == 200
    assert (status(order), written(order)) == ("confirmed", PAID_LOG)
    assert sent("order.confirmed", order_id=order.pk) == 1


@databases
@pytest.mark.django_db(transaction=True)
def test_five_equal_notices_at_once_are_applied_once() -> None:
    order = placed_order()
    signature, body = write_notice(notice_for(order.payments.get()))
    assert at_once(*[partial(call_back, signature, body)] * 5) == [200] * 5
    assert (status(order), written(order)) == ("confirmed", PAID_LOG)
    assert sent("order.confirmed", order_id=order.pk) == 1


@databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", [{"amount": Decimal(1)}, {"currency": "JPY"}], ids=str)
def test_money_that_does_not_fit_is_held_and_staff_are_told_once(
    said: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    order = placed_order()
    for _ in range(2):
        assert call_back(*write_notice(notice_for(order.payments.get(), **said))) == 200
    assert (status(order), written(order)) == ("pending", ["placed", "payment_started", "payment_held"])
    assert order.payments.get().status == PaymentStatus.PENDING
    assert sent("order.confirmed") == 0
    assert [r.levelno for r in caplog.records if order.number in r.getMessage()] == [logging.ERROR]


@pytest.mark.django_db
def test_the_same_sum_written_otherwise_fits() -> None:
    order = placed_order()
    same = order.total.normalize() + Decimal("0.00000")
    assert call_back(*write_notice(notice_for(order.payments.get(), amount=same))) == 200
    assert status(order) == "confirmed"


@databases
@pytest.mark.django_db
def test_a_notice_of_monstrous_numbers_and_words_is_held() -> None:
    payment = placed_order().payments.get()
    for said in [{"amount": Decimal("9" * 400)}, {"amount": Decimal("1E+99999")}, {"currency": "£" * 999}]:
        assert call_back(*write_notice(notice_for(payment, **said))) == 200
    assert written(payment.order).count("payment_held") == 3


@databases
@pytest.mark.django_db
@pytest.mark.parametrize("how", [OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.CONFIRMED])
def test_money_for_an_order_that_awaits_none_is_held_for_staff(how: OrderStatus) -> None:
    order = placed_order()
    first = order.payments.get()
    if how == OrderStatus.CONFIRMED:  # the first payment failed, a second one paid, and then the first one's money came
        accept_notice("sandbox", *write_notice(notice_for(first, PaymentStatus.FAILED)))
        accept_notice("sandbox", *write_notice(notice_for(start_payment(order.pk))))
    elif how == OrderStatus.EXPIRED:
        expire_order(order.pk, order.pay_by)
    else:
        cancel_order(order, Actor.CUSTOMER)
    before = sent("order.confirmed")
    for _ in range(2):
        assert call_back(*write_notice(notice_for(first))) == 200
    assert status(order) == how
    assert Payment.objects.get(pk=first.pk).status == PaymentStatus.PAID
    assert written(order).count("payment_held") == 1
    assert sent("order.confirmed") == before


@databases
@pytest.mark.django_db(transaction=True)
def test_two_payments_of_one_order_at_once_confirm_it_once_and_hold_the_other() -> None:
    for _ in range(5):
        order = placed_order()
        first = order.payments.get()
        record_payment(notice_for(first, PaymentStatus.FAILED), Actor.PROVIDER)
        notices = [notice_for(first), notice_for(start_payment(order.pk))]  # the first one's money came all the same
        assert at_once(*(partial(record_payment, notice, Actor.PROVIDER) for notice in notices)) == [None, None]
        assert sorted(written(order)[-2:]) == ["paid", "payment_held"]
        assert sent("order.confirmed", order_id=order.pk) == 1


@databases
@pytest.mark.django_db
@pytest.mark.parametrize("ending", [PaymentStatus.FAILED, PaymentStatus.VOIDED])
def test_a_payment_that_came_to_nothing_can_be_tried_again(ending: PaymentStatus) -> None:
    order = placed_order()
    first = order.payments.get()
    assert start_payment(order.pk) == first  # the open one, as long as it is open
    accept_notice("sandbox", *write_notice(notice_for(first, ending)))
    assert status(order) == "pending"
    second = start_payment(order.pk)
    assert second.reference != first.reference
    accept_notice("sandbox", *write_notice(notice_for(second)))
    assert status(order) == "confirmed"


@databases
@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_pay_open_one_payment() -> None:
    order = placed_order()
    record_payment(notice_for(order.payments.get(), PaymentStatus.FAILED), Actor.PROVIDER)
    opened = at_once(*[partial(start_payment, order.pk)] * 3)
    assert len({payment.pk for payment in opened}) == 1
    assert order.payments.count() == 2


@databases
@pytest.mark.django_db(transaction=True)
def test_of_pay_and_expire_at_once_one_wins_and_no_money_is_lost() -> None:
    outcomes = []
    for _ in range(30):
        order = placed_order()
        notice = notice_for(order.payments.get())
        pay = partial(record_payment, notice, Actor.PROVIDER)
        paid, expired = at_once(pay, partial(expire_order, order.pk, order.pay_by))
        assert (paid, type(expired)) == (None, bool)
        assert status(order) == ("expired" if expired else "confirmed")
        assert written(order)[2:] == (["expired", "payment_held"] if expired else ["paid"])
        assert sent("order.confirmed", order_id=order.pk) == int(not expired)
        assert bool(sent("order.expired", order_id=order.pk)) is expired
        outcomes.append(expired)
    assert set(outcomes) <= {True, False}
