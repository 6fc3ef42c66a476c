"""Drafts of orders: a customer asks, staff quote, he takes it and has an order. Each verb is one transaction with its
log row."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from orders.drafts import Contact, LineDraft, Terms
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, OrderStatus
from orders.logbook import log, move
from orders.models import Order, OrderEvent, OrderLine, Quotation
from queue_table.messages import OrderPlaced, QuoteAsked, QuoteDeclined, QuoteOffered
from queue_table.outbox import publish

Kind = OrderEvent.Kind
ANSWER_WITHIN = timedelta(days=30)  # a question that nobody answers ends by itself
AGREED = ("note", "language")  # the customer's own: an offer leaves them as they are


@transaction.atomic
def ask_for_quote(
    key: str, *, customer: str, contact: Contact, lines: Sequence[LineDraft], terms: Terms, now: datetime
) -> Order:
    """Opens a draft. It holds no stock and awaits no payment. A second one with `key` raises IntegrityError."""
    order = Order.objects.create(
        submit_key=key,
        status=OrderStatus.DRAFT,
        customer=customer,
        placed_at=now,
        pay_by=now + ANSWER_WITHIN,
        **asdict(contact),
        **asdict(terms),
    )
    OrderLine.objects.bulk_create(OrderLine(order=order, position=i, **asdict(line)) for i, line in enumerate(lines, 1))
    Quotation.objects.create(order=order, asked_at=now)
    log(order, Kind.QUOTE_ASKED, Actor.CUSTOMER, moved=("", OrderStatus.DRAFT))
    publish(QuoteAsked(**order.reference))
    return order


@transaction.atomic
def offer_quote(
    order_id: int, lines: Sequence[LineDraft], terms: Terms, *, answer: str, valid_until: datetime, now: datetime
) -> None:
    """Staff name the price, or another one: the customer gets it by mail. Raises IllegalMove if it is no draft.

    `lines` are the draft's own skus in the same quantities; terms that don't add up raise IntegrityError.
    """
    order = _held_draft(order_id)
    known = {line.sku: line.quantity for line in order.lines.all()}
    if valid_until <= now or known != {line.sku: line.quantity for line in lines}:
        raise IllegalMove(f"order {order} can't be quoted like this")
    sums = {name: value for name, value in asdict(terms).items() if name not in AGREED}
    Order.objects.filter(pk=order.pk).update(pay_by=valid_until, **sums)
    for line in lines:
        parts = {"unit_price": line.unit_price, "discount": line.discount, "tax_rate": line.tax_rate, "tax": line.tax}
        OrderLine.objects.filter(order=order, sku=line.sku).update(**parts)
    Quotation.objects.filter(order=order).update(revision=F("revision") + 1, answer=answer)
    note = f"{terms.total} {terms.currency}, good until {valid_until:%Y-%m-%d %H:%M} UTC"
    log(order, Kind.QUOTE_OFFERED, Actor.STAFF, note=note)
    publish(QuoteOffered(**order.reference))


@transaction.atomic
def take_quote(order_id: int, revision: int, now: datetime) -> bool:
    """Makes the draft an order that awaits its payment, as it was offered. True for the first to say so.

    Should be called in the transaction that holds the stock. Raises IllegalMove if the quote is another one by now than
    `revision`, or over, or was declined.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    quotation = Quotation.objects.get(order=order)
    if quotation.taken_at:
        return False
    if order.status != OrderStatus.DRAFT or order.pay_by <= now or not quotation.revision == revision > 0:
        raise IllegalMove(f"the quote of order {order} can't be taken")
    pay_by = now + timedelta(minutes=settings.PAYMENT_MINUTES)
    Order.objects.move(order.pk, OrderStatus.PENDING, placed_at=now, pay_by=pay_by)
    Quotation.objects.filter(pk=quotation.pk).update(taken_at=now)
    log(order, Kind.PLACED, Actor.CUSTOMER, moved=(OrderStatus.DRAFT, OrderStatus.PENDING))
    publish(OrderPlaced(**order.reference))
    return True


@transaction.atomic
def decline_quote(order_id: int, actor: Actor, answer: str = "") -> None:
    """The customer does not want it, or staff can't offer it and say why. Raises IllegalMove if it is no draft."""
    order = _held_draft(order_id)
    move(order, OrderStatus.CANCELLED, Kind.QUOTE_DECLINED, actor)
    if answer:
        Quotation.objects.filter(order=order).update(answer=answer)
    if actor == Actor.STAFF:
        publish(QuoteDeclined(**order.reference))


@transaction.atomic
def expire_quote(order_id: int, as_of: datetime) -> bool:
    """Ends a draft whose time was over at `as_of`; False if it was taken, declined or given more time."""
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.DRAFT or order.pay_by > as_of:
        return False
    return move(order, OrderStatus.EXPIRED, Kind.QUOTE_EXPIRED, Actor.SYSTEM)


def _held_draft(order_id: int) -> Order:
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.DRAFT:
        raise IllegalMove(f"order {order} is {order.status}: it is no draft")
    return order
