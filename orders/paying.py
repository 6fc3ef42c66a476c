"""Payments: one is opened, and what a gateway or staff say of it is written down. Each verb is one transaction.

The order's row is locked before the payment's: whoever pays, refunds, cancels or expires one order takes turns.
"""

import logging
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from orders.exceptions import IllegalMove, UnknownPayment
from orders.lifecycle import UNPAID, Actor, OrderStatus, PaymentStatus
from orders.logbook import NOTE_LENGTH, log, move
from orders.models import Order, OrderEvent, Payment
from orders.payments.protocol import Notice
from queue_table.messages import OrderConfirmed, PaymentLate
from queue_table.outbox import publish

logger = logging.getLogger(__name__)
Kind = OrderEvent.Kind
MOST = Decimal(10) ** 9  # what the columns hold
GOOD = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID}


@transaction.atomic
def start_payment(order_id: int, return_url: str = "") -> Payment:
    """The payment the customer is sent to; the open one if there is one. Raises IllegalMove if none is awaited.

    `return_url` is where its page sends him when he is through. The gateway is asked later, by `gatewaying`.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.PENDING:
        raise IllegalMove(f"order {order} is {order.status}: it awaits no payment")
    open_payment = order.payments.filter(status=PaymentStatus.PENDING, held="").first()
    return open_payment or _new_payment(order, return_url)


def _new_payment(order: Order, return_url: str) -> Payment:
    payment = Payment.objects.create(
        order=order,
        gateway=settings.PAYMENT_GATEWAY,
        amount=order.total,
        currency=order.currency,
        return_url=return_url,
    )
    log(order, Kind.PAYMENT_STARTED, Actor.CUSTOMER, moved=("", payment.status), subject=payment.subject)
    return payment


@transaction.atomic
def record_payment(notice: Notice, actor: Actor) -> None:
    """Writes down how a payment stands; money that fits confirms the order. The same notice twice changes nothing.

    Money for an order that awaits none is told by `payment.late`; money that does not fit is held for staff.
    Raises UnknownPayment.
    """
    payment = _locked(notice.reference)
    reason = _misfit(payment, notice)
    if notice.outcome not in GOOD:
        _record_no_money(payment, notice.outcome)
    elif reason:
        _hold(payment, notice, actor, reason)
    elif _is_another(payment, notice):
        _record_again(payment, notice, actor)
    else:
        _record_money(payment, notice, actor)


def _locked(reference: str) -> Payment:
    order_id = Payment.objects.filter(reference=reference).values_list("order_id", flat=True).first()
    if order_id is None:
        raise UnknownPayment(reference)
    order = Order.objects.select_for_update().get(pk=order_id)
    payment = Payment.objects.select_for_update().get(reference=reference)
    payment.order = order
    return payment


def _misfit(payment: Payment, notice: Notice) -> str:
    """Why this is not the payment that we asked for; empty if it is."""
    if notice.payee not in {"", settings.SHOP_URL}:
        return f"the payee is {notice.payee}"
    if (notice.amount, notice.currency) != (payment.amount, payment.currency):
        return f"{notice.amount} {notice.currency} came"
    return ""


def _record_money(payment: Payment, notice: Notice, actor: Actor) -> None:
    captured = payment.amount if notice.outcome == PaymentStatus.PAID else Decimal(0)
    transaction_id = notice.transaction or payment.transaction
    try:
        if not Payment.objects.move(payment.pk, notice.outcome, captured=captured, transaction=transaction_id):
            return
    except IllegalMove:
        return  # late news: it was captured, or given back, since
    if payment.settles_id:
        log(payment.order, Kind.CAPTURED, actor, moved=(payment.status, notice.outcome), subject=payment.subject)
    elif payment.order.status == OrderStatus.PENDING:
        _confirm(payment, notice.outcome, actor)
    else:
        _come_late(payment, actor)


def _confirm(payment: Payment, outcome: PaymentStatus, actor: Actor) -> None:
    kind = Kind.PAID if outcome == PaymentStatus.PAID else Kind.AUTHORIZED
    move(payment.order, OrderStatus.CONFIRMED, kind, actor, only_from={OrderStatus.PENDING})
    Payment.objects.filter(pk=payment.pk).update(settles=payment.order_id)
    publish(OrderConfirmed(**payment.order.reference))


def _come_late(payment: Payment, actor: Actor) -> None:
    log(payment.order, Kind.PAYMENT_LATE, actor, subject=payment.subject)
    publish(PaymentLate(**payment.order.reference, payment_id=payment.pk))


def _is_another(payment: Payment, notice: Notice) -> bool:
    """The customer paid a second time what he had paid: it is other money."""
    return bool(payment.transaction and notice.transaction) and payment.transaction != notice.transaction


def _record_again(payment: Payment, notice: Notice, actor: Actor) -> None:
    order = payment.order
    if order.payments.filter(transaction=notice.transaction).exists():
        return
    again = Payment.objects.create(
        order=order,
        gateway=payment.gateway,
        provider_id=payment.provider_id,
        amount=notice.amount,
        currency=notice.currency,
        status=PaymentStatus.VOIDED,
    )
    _record_money(again, notice, actor)


def _hold(payment: Payment, notice: Notice, actor: Actor, reason: str) -> None:
    note = f"Payment {payment.pk}: {reason} instead of {payment.amount} {payment.currency}"[:NOTE_LENGTH]
    if payment.order.events.filter(kind=Kind.PAYMENT_HELD, note=note).exists():
        return
    columns: dict[str, Any] = {"held": reason[:NOTE_LENGTH], "transaction": notice.transaction or payment.transaction}
    is_ours = notice.currency == payment.currency and 0 < notice.amount < MOST and payment.status in UNPAID
    if is_ours and notice.outcome == PaymentStatus.PAID and not payment.captured:
        columns["captured"] = notice.amount
    Payment.objects.filter(pk=payment.pk).update(**columns)
    _tell_staff(payment, actor, note)


def _hold_for_staff(payment: Payment, actor: Actor, reason: str) -> None:
    Payment.objects.filter(pk=payment.pk).update(held=reason)
    _tell_staff(payment, actor, f"Payment {payment.pk}: {reason}")


def _tell_staff(payment: Payment, actor: Actor, note: str) -> None:
    log(payment.order, Kind.PAYMENT_HELD, actor, note=note, subject=payment.subject)
    # A log line may become a mail, and a mail server may hang: not while rows are locked.
    transaction.on_commit(partial(logger.error, "order %s: money is held for staff. %s", payment.order.number, note))


def _record_no_money(payment: Payment, outcome: PaymentStatus) -> None:
    if outcome not in {PaymentStatus.FAILED, PaymentStatus.VOIDED}:
        return
    kind = Kind.PAYMENT_FAILED if outcome == PaymentStatus.FAILED else Kind.PAYMENT_GIVEN_UP
    try:
        if not Payment.objects.move(payment.pk, outcome):
            return
        log(payment.order, kind, Actor.PROVIDER, moved=(payment.status, outcome), subject=payment.subject)
        if payment.settles_id and payment.order.status == OrderStatus.CONFIRMED:
            _hold_for_staff(payment, Actor.PROVIDER, "the money was promised, and the promise was taken back")
    except IllegalMove:
        logger.warning("payment %s is decided: late news (%s) changes nothing", payment.pk, outcome)


@transaction.atomic
def clear_hold(payment: Payment, note: str) -> None:
    """Staff have dealt with money that did not fit. Raises IllegalMove if none is held."""
    order = Order.objects.select_for_update().get(pk=payment.order_id)
    if not Payment.objects.filter(pk=payment.pk).exclude(held="").update(held=""):
        raise IllegalMove(f"payment {payment.pk} is not held")
    log(order, Kind.PAYMENT_SETTLED, Actor.STAFF, note=note, subject=payment.subject)


@transaction.atomic
def revive_order(order_id: int, payment: Payment) -> None:
    """Money that came after the time: the expired order goes on. Raises IllegalMove for one that is not expired.

    Only for who holds its goods again in the same transaction, after locking the order's row.
    """
    order = Order.objects.get(pk=order_id)
    kind = Kind.PAID if payment.status == PaymentStatus.PAID else Kind.AUTHORIZED
    if move(
        order, OrderStatus.CONFIRMED, kind, Actor.SYSTEM, "late, and the goods were still there", {OrderStatus.EXPIRED}
    ):
        Payment.objects.filter(pk=payment.pk).update(settles=order)
        publish(OrderConfirmed(**order.reference))
