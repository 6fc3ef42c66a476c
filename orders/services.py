"""The verbs of the order system. Each is one transaction: the change, its log row and its message, or nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from orders.drafts import Contact, LineDraft, Terms
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, OrderStatus
from orders.logbook import log, move
from orders.models import Order, OrderEvent, OrderLine
from queue_table.messages import OrderCancelled, OrderConfirmed, OrderExpired, OrderPlaced
from queue_table.outbox import publish

Kind = OrderEvent.Kind
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
    log(order, Kind.PLACED, Actor.CUSTOMER, moved=("", OrderStatus.PENDING))
    publish(OrderPlaced(**order.reference))
    return order


@transaction.atomic
def confirm_free(order: Order) -> None:
    """Confirms an order that costs nothing: there is no payment to wait for. Raises IllegalMove for any other."""
    if order.total:
        raise IllegalMove(f"order {order} costs {order.total} {order.currency}: it must be paid")
    note, pending = "there was nothing to pay", {OrderStatus.PENDING}
    if move(order, OrderStatus.CONFIRMED, Kind.PAID, Actor.SYSTEM, note, only_from=pending):
        publish(OrderConfirmed(**order.reference))


@transaction.atomic
def cancel_order(order: Order, actor: Actor, note: str = "") -> None:
    """Stops an order that awaits its payment. Raises IllegalMove when it is paid or over; twice is once.

    For one that is paid there is `refunding.cancel_paid_order`.
    """
    if move(order, OrderStatus.CANCELLED, Kind.CANCELLED, actor, note, only_from={OrderStatus.PENDING}):
        publish(OrderCancelled(**order.reference))


@transaction.atomic
def expire_order(order_id: int, as_of: datetime) -> bool:
    """Ends an order whose time to pay was over at `as_of`; False if it was paid, cancelled or given more time."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.PENDING or order.pay_by > as_of:
        return False
    move(order, OrderStatus.EXPIRED, Kind.EXPIRED, Actor.SYSTEM)
    publish(OrderExpired(**order.reference))
    return True


@transaction.atomic
def note_dispatch(order_id: int) -> None:
    """Writes into the log that a parcel left the house; once, however often it is told."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if not order.events.filter(kind=Kind.DISPATCHED).exists():
        log(order, Kind.DISPATCHED, Actor.SYSTEM)


@transaction.atomic
def complete_order(order_id: int, confirmed_by: Actor) -> None:
    """Closes an order whose goods are in the customer's hands; the log says who confirmed it. Twice is once."""
    order = Order.objects.get(pk=order_id)
    move(order, OrderStatus.COMPLETED, Kind.COMPLETED, confirmed_by, f"Receipt confirmed by: {confirmed_by.value}")


@transaction.atomic
def adopt_orders(email: str, customer: str) -> int:
    """Gives a guest's orders to the customer who proved that `email` is his. Says how many; an owned order stays."""
    guests = Order.objects.filter(email=email, customer=GUEST)
    rows = guests.select_for_update().order_by("pk").only("email", "log_length", "log_hash")
    found = [order for order in rows if order.email == email.lower()]  # to MariaDB, exämple.org is example.org
    adopted = Order.objects.filter(pk__in=[order.pk for order in found], customer=GUEST).update(customer=customer)
    OrderEvent.objects.bulk_create(OrderEvent(order=order, kind=Kind.ADOPTED, actor=Actor.CUSTOMER) for order in found)
    return adopted
