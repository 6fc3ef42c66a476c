"""Refunds: money goes back once, and never more than came. Each verb is one transaction with its log row.

The gateway is asked later, by a job (`gatewaying.send_refund`), outside any transaction.
"""

import logging
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from django.db import models, transaction
from django.db.models import Sum

from orders.currencies import rounded
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, OrderStatus, PaymentStatus, RefundStatus
from orders.logbook import log, move
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund, RefundLine
from orders.payments.protocol import RepaymentNotice
from queue_table import clock
from queue_table.messages import GoodsReturned, OrderCancelled, RefundDone, RefundRequested
from queue_table.outbox import publish

logger = logging.getLogger(__name__)
Kind = OrderEvent.Kind
NOTHING = Decimal(0)


@transaction.atomic
def start_refund(
    order_id: int,
    *,
    reason: Refund.Reason,
    actor: Actor,
    lines: Mapping[int, int] | None = None,
    shipping: bool = False,
    amount: Decimal | None = None,
    restock: bool = False,
    note: str = "",
    payment: Payment | None = None,
) -> Refund:
    """Opens a refund and publishes `refund.requested`; a job gives the money back, and `refund.done` tells when it did.

    `lines` are pieces by the key of their order line: they are worth what was paid for them, with discount and tax.
    `shipping` adds what is left of the delivery's price. `amount`, in the payment's currency, is paid back instead of
    that worth; with neither lines nor shipping it stands alone, and without it all that is left goes back. `payment` is
    the one that settled the order unless another is named. `restock` puts the lines' pieces on the shelf again, once.

    Raises IllegalMove, with nothing written, if more pieces or more money are asked than are left (whoever else refunds
    at this moment), if goods that never left the house are to be restocked, or if all of an order would go back that
    may still be sent: that one is cancelled instead.
    """
    order = Order.objects.select_for_update().get(pk=order_id)  # refunds of one order take turns
    payment = _payment_of(order, payment)
    parts = _parts(order, lines or {})
    delivery = shipping_left(order) if shipping else NOTHING
    if amount is None:
        amount = sum(parts.values(), delivery) if parts or shipping else payment.left
    _refuse_what_is_still_sent(order, payment, amount, restock=restock)
    _set_aside(payment, amount)
    refund = Refund.objects.create(
        order=order,
        payment=payment,
        amount=amount,
        currency=payment.currency,
        shipping=delivery,
        restock=restock,
        reason=reason,
        note=note,
        actor=actor,
    )
    _write_lines(refund, lines or {}, parts)
    _log(refund, Kind.REFUND_STARTED, actor, ("", refund.status), f"{amount} {payment.currency}: {reason.value}")
    publish(RefundRequested(**order.reference, refund_id=refund.pk))
    return refund


def _payment_of(order: Order, payment: Payment | None) -> Payment:
    """As it stands now, behind the lock on its order."""
    chosen = Payment.objects.filter(order=order)
    found = (chosen.filter(pk=payment.pk) if payment else chosen.filter(settles=order)).first()
    if found is None:
        raise IllegalMove(f"order {order} has no such payment")
    return found


def _set_aside(payment: Payment, amount: Decimal) -> None:
    if amount <= 0 or amount != rounded(amount, payment.currency):
        raise IllegalMove(f"{amount} {payment.currency} can't be paid back")
    if not Payment.objects.set_aside(payment.pk, amount):
        raise IllegalMove(f"of payment {payment.pk} only {payment.left} {payment.currency} is left")


def refundable(order: Order) -> dict[OrderLine, int]:
    """The order's lines with how many pieces of each were not paid back yet."""
    back = _pieces_back(order)
    left = {line: line.quantity - back.get(line.pk, 0) for line in order.lines.all()}
    return {line: pieces for line, pieces in left.items() if pieces > 0}


def shipping_left(order: Order) -> Decimal:
    """What was paid for the delivery and not yet paid back."""
    paid = order.shipping if order.tax_included else order.shipping + order.shipping_tax
    return paid - (_live(order).aggregate(back=Sum("shipping"))["back"] or NOTHING)


def value_of(order: Order, lines: Mapping[int, int], *, shipping: bool) -> Decimal:
    """What so many pieces of these lines, and the delivery, are worth. Raises IllegalMove for too many."""
    return sum(_parts(order, lines).values(), shipping_left(order) if shipping else NOTHING)


def worth(line: OrderLine, pieces: int, before: int = 0) -> Decimal:
    """What was paid for so many pieces after `before` others: all parts of a line add up to the whole of it."""
    order = line.order
    whole = line.amount - line.discount + (NOTHING if order.tax_included else line.tax)

    def share(count: int) -> Decimal:
        return rounded(whole * count / line.quantity, order.currency)

    return share(before + pieces) - share(before)


def _live(order: Order) -> models.QuerySet[Refund]:
    return order.refunds.exclude(status=RefundStatus.FAILED)


def _pieces_back(order: Order) -> dict[int, int]:
    rows = RefundLine.objects.filter(parent__in=_live(order)).values_list("line_id").annotate(Sum("quantity"))
    return dict(rows.order_by())


def _parts(order: Order, lines: Mapping[int, int]) -> dict[int, Decimal]:
    """What the pieces of each line are worth. Raises IllegalMove for more pieces than are left."""
    left, back = {line.pk: (line, pieces) for line, pieces in refundable(order).items()}, _pieces_back(order)
    if any(key not in left or not 1 <= pieces <= left[key][1] for key, pieces in lines.items()):
        raise IllegalMove(f"order {order} has not so many pieces to pay back")
    return {key: worth(left[key][0], pieces, back.get(key, 0)) for key, pieces in lines.items()}


def _refuse_what_is_still_sent(order: Order, payment: Payment, amount: Decimal, *, restock: bool) -> None:
    has_left = order.events.filter(kind=Kind.DISPATCHED).exists()
    if restock and not has_left:
        raise IllegalMove(f"goods of order {order} never left the house: there is nothing to put back")
    if order.status == OrderStatus.CONFIRMED and payment.settles_id and not has_left and amount >= payment.left:
        raise IllegalMove(f"order {order} may still be sent: cancel it, and all is paid back")


def _write_lines(refund: Refund, lines: Mapping[int, int], parts: Mapping[int, Decimal]) -> None:
    RefundLine.objects.bulk_create(
        RefundLine(parent=refund, line_id=key, quantity=lines[key], amount=parts[key]) for key in sorted(lines)
    )
    if refund.restock and lines:
        skus = dict(OrderLine.objects.filter(pk__in=lines).values_list("pk", "sku"))
        quantities = {skus[key]: pieces for key, pieces in sorted(lines.items())}
        publish(GoodsReturned(**refund.order.reference, refund_id=refund.pk, quantities=quantities))


@transaction.atomic
def settle_refund(notice: RepaymentNotice, actor: Actor) -> None:
    """Writes down how a refund ended, by a gateway's word or by staff's. Twice is once; `requested` changes nothing."""
    refund = Refund.objects.select_related("payment").get(reference=notice.reference)
    order = Order.objects.select_for_update().get(pk=refund.order_id)
    refund.order = order
    if notice.provider_id:
        Refund.objects.filter(pk=refund.pk).update(provider_id=notice.provider_id)
    if notice.outcome == RefundStatus.DONE:
        _finish(refund, actor)
    elif notice.outcome == RefundStatus.FAILED:
        _give_up(refund, actor, notice.note)


def _finish(refund: Refund, actor: Actor) -> None:
    if not Refund.objects.move(refund.pk, RefundStatus.DONE, finished_at=clock.now()):
        return
    payment = refund.payment
    done = payment.refunds.filter(status=RefundStatus.DONE).aggregate(sum=Sum("amount"))["sum"]
    whole = rounded(done, payment.currency) >= payment.captured
    Payment.objects.move(payment.pk, PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED)
    if whole:
        Payment.objects.filter(pk=payment.pk).update(held="")
    moved = (RefundStatus.REQUESTED, RefundStatus.DONE)
    _log(refund, Kind.REFUNDED, actor, moved, f"{refund.amount} {refund.currency}")
    publish(RefundDone(**refund.order.reference, refund_id=refund.pk))


def _give_up(refund: Refund, actor: Actor, note: str) -> None:
    moved: tuple[str, str] = (RefundStatus.REQUESTED, RefundStatus.FAILED)
    try:
        if not Refund.objects.move(refund.pk, RefundStatus.FAILED, finished_at=clock.now()):
            return
    except IllegalMove:
        note, moved = f"after it had been done: {note}", ("", "")
    else:
        Payment.objects.keep(refund.payment_id, refund.amount)
    _log(refund, Kind.REFUND_FAILED, actor, moved, note)
    transaction.on_commit(
        partial(logger.error, "order %s: refund %s was refused (%s)", refund.order.number, refund.pk, note)
    )


def _log(refund: Refund, kind: Kind, actor: Actor, moved: tuple[str, str], note: str) -> None:
    log(refund.order, kind, actor, moved=moved, note=note, subject=f"refund:{refund.pk}")


@transaction.atomic
def cancel_paid_order(order_id: int, actor: Actor, note: str = "") -> None:
    """Stops an order that is paid and not sent, and starts to pay all of it back. Raises IllegalMove; twice is once.

    Only for who has made sure, in the same transaction and after locking the order's row, that its parcel stays here.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if not move(order, OrderStatus.CANCELLED, Kind.CANCELLED, actor, note, only_from={OrderStatus.CONFIRMED}):
        return
    publish(OrderCancelled(**order.reference))
    payment = Payment.objects.filter(settles=order).first()
    if payment and payment.left > 0:
        start_refund(order.pk, reason=Refund.Reason.CANCELLED, actor=actor)
