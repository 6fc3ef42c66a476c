"""The verbs of the order system. Each is one transaction: the change, its log row and its message, or nothing."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from orders.drafts import Contact, LineDraft, Terms
from orders.exceptions import IllegalMove, UnknownPayment
from orders.lifecycle import Actor, OrderStatus, PaymentStatus
from orders.models import Order, OrderEvent, OrderLine, Payment
from orders.payments import gateway
from orders.payments.protocol import Notice
from queue_table.messages import OrderCancelled, OrderConfirmed, OrderExpired, OrderPlaced
from queue_table.outbox import publish

logger = logging.getLogger(__name__)
Kind = OrderEvent.Kind
NOTE_LENGTH = 250
GUEST = "guest"


@transaction.atomic
def submit_order(
    key: str, *, customer: str, contact: Contact, lines: Sequence[LineDraft], terms: Terms, now: datetime
) -> Order:
    """Opens an order that awaits its payment. A second order with the same `key`, or terms that don't add up, raise
    IntegrityError."""
    pay_by = now + timedelta(minutes=settings.PAYMENT_MINUTES)
    order = Order.objects.create(
        submit_key=key, customer=customer, placed_at=now, pay_by=pay_by, **asdict(contact), **asdict(terms)
    )
    OrderLine.objects.bulk_create(OrderLine(order=order, position=i, **asdict(line)) for i, line in enumerate(lines, 1))
    _log(order, Kind.PLACED, Actor.CUSTOMER, moved=("", OrderStatus.PENDING))
    publish(OrderPlaced(**order.reference))
    return order


@transaction.atomic
def start_payment(order_id: int, return_url: str = "") -> Payment:
    """The payment the customer is sent to; the open one if there is one. Raises IllegalMove if none is awaited.

    `return_url` is where its page sends him when he is through.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.PENDING:
        raise IllegalMove(f"order {order} is {order.status}: it awaits no payment")
    open_payment = order.payments.filter(status=PaymentStatus.PENDING).first()
    return open_payment or _new_payment(order, return_url)


def _new_payment(order: Order, return_url: str) -> Payment:
    payment = Payment.objects.create(
        order=order,
        gateway=settings.PAYMENT_GATEWAY,
        amount=order.total,
        currency=order.currency,
        return_url=return_url,
    )
    _log(order, Kind.PAYMENT_STARTED, Actor.CUSTOMER, moved=("", payment.status), subject=payment.subject)
    return payment


@transaction.atomic
def confirm_free(order: Order) -> None:
    """Confirms an order that costs nothing: there is no payment to wait for. Raises IllegalMove for any other."""
    if order.total:
        raise IllegalMove(f"order {order} costs {order.total} {order.currency}: it must be paid")
    if _move(order, OrderStatus.CONFIRMED, Kind.PAID, Actor.SYSTEM, "there was nothing to pay"):
        publish(OrderConfirmed(**order.reference))


def accept_notice(gateway_name: str, headers: Mapping[str, str], body: bytes) -> None:
    """Verifies what a gateway says and records it. Raises BadSignature or UnknownPayment."""
    notice = gateway(gateway_name).read_notice(headers, body)
    if not Payment.objects.filter(gateway=gateway_name, reference=notice.reference).exists():
        raise UnknownPayment(notice.reference)
    record_payment(notice, Actor.PROVIDER)


@transaction.atomic
def record_payment(notice: Notice, actor: Actor) -> None:
    """Writes down how a payment ended; money that fits confirms the order. The same notice twice changes nothing."""
    try:
        payment = Payment.objects.select_for_update().select_related("order").get(reference=notice.reference)
    except Payment.DoesNotExist:
        raise UnknownPayment(notice.reference) from None
    if notice.outcome != PaymentStatus.PAID:
        _record_no_money(payment, notice.outcome)
    elif (notice.amount, notice.currency) != (payment.amount, payment.currency):
        _hold(payment, actor, f"the notice says {notice.amount} {notice.currency}")
    else:
        _record_money(payment, actor)


def _record_money(payment: Payment, actor: Actor) -> None:
    if not Payment.objects.move(payment.pk, PaymentStatus.PAID):
        return
    try:
        awaited = _move(payment.order, OrderStatus.CONFIRMED, Kind.PAID, actor)
    except IllegalMove:
        awaited = False
    if awaited:
        publish(OrderConfirmed(**payment.order.reference))
    else:
        _hold(payment, actor, "the money came when the order awaited none")


def _hold(payment: Payment, actor: Actor, reason: str) -> None:
    note = f"Payment {payment.pk}: {reason}"[:NOTE_LENGTH]
    if payment.order.events.filter(kind=Kind.PAYMENT_HELD, note=note).exists():
        return
    _log(payment.order, Kind.PAYMENT_HELD, actor, note=note, subject=payment.subject)
    # A log line may become a mail, and a mail server may hang: not while rows are locked.
    transaction.on_commit(partial(logger.error, "order %s: money is held for staff. %s", payment.order.number, note))


def _record_no_money(payment: Payment, outcome: PaymentStatus) -> None:
    kind = Kind.PAYMENT_FAILED if outcome == PaymentStatus.FAILED else Kind.PAYMENT_GIVEN_UP
    try:
        if Payment.objects.move(payment.pk, outcome):
            _log(payment.order, kind, Actor.PROVIDER, moved=(payment.status, outcome), subject=payment.subject)
    except IllegalMove:
        logger.warning("payment %s is decided: late news (%s) changes nothing", payment.pk, outcome)


@transaction.atomic
def cancel_order(order: Order, actor: Actor, note: str = "") -> None:
    """Stops an order that awaits its payment. Raises IllegalMove when it is paid or over; twice is once."""
    if _move(order, OrderStatus.CANCELLED, Kind.CANCELLED, actor, note):
        publish(OrderCancelled(**order.reference))


@transaction.atomic
def expire_order(order_id: int, as_of: datetime) -> bool:
    """Ends an order whose time to pay was over at `as_of`; False if it was paid, cancelled or given more time."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.PENDING or order.pay_by > as_of:
        return False
    _move(order, OrderStatus.EXPIRED, Kind.EXPIRED, Actor.SYSTEM)
    publish(OrderExpired(**order.reference))
    return True


@transaction.atomic
def note_dispatch(order_id: int) -> None:
    """Writes into the log that a parcel left the house; once, however often it is told."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if not order.events.filter(kind=Kind.DISPATCHED).exists():
        _log(order, Kind.DISPATCHED, Actor.SYSTEM)


@transaction.atomic
def complete_order(order_id: int, confirmed_by: Actor) -> None:
    """Closes an order whose goods are in the customer's hands; the log says who confirmed it. Twice is once."""
    order = Order.objects.get(pk=order_id)
    _move(order, OrderStatus.COMPLETED, Kind.COMPLETED, confirmed_by, f"Receipt confirmed by: {confirmed_by.value}")


@transaction.atomic
def adopt_orders(email: str, customer: str) -> int:
    """Gives a guest's orders to the customer who proved that `email` is his. Says how many; an owned order stays."""
    guests = Order.objects.filter(email=email, customer=GUEST)
    rows = guests.select_for_update().order_by("pk").only("email", "log_length", "log_hash")
    found = [order for order in rows if order.email == email.lower()]  # to MariaDB, exämple.org is example.org
    adopted = Order.objects.filter(pk__in=[order.pk for order in found], customer=GUEST).update(customer=customer)
    OrderEvent.objects.bulk_create(OrderEvent(order=order, kind=Kind.ADOPTED, actor=Actor.CUSTOMER) for order in found)
    return adopted


def _move(order: Order, target: OrderStatus, kind: Kind, actor: Actor, note: str = "") -> bool:
    source = order.status
    if not Order.objects.move(order.pk, target):
        return False
    _log(order, kind, actor, moved=(source, target), note=note)
    return True


def _log(
    order: Order,
    kind: Kind,
    actor: Actor,
    *,
    moved: tuple[str, str] = ("", ""),
    note: str = "",
    subject: str = "",
) -> None:
    source, target = moved
    OrderEvent.objects.create(
        order=order, kind=kind, actor=actor, subject=subject, from_status=source, to_status=target, note=note
    )
