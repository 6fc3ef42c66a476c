"""Returns: the customer asks, or thinks better of it; staff answer. Each verb is one transaction with its log row."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order, OrderEvent, OrderLine, Return, ReturnLine
from queue_table.messages import ReturnAnswered
from queue_table.outbox import publish

Kind = OrderEvent.Kind
REFUSED = {ReturnStatus.REJECTED, ReturnStatus.CANCELLED}  # their pieces may be asked for again
EVENTS = {
    ReturnStatus.APPROVED: Kind.RETURN_APPROVED,
    ReturnStatus.REJECTED: Kind.RETURN_REJECTED,
    ReturnStatus.CANCELLED: Kind.RETURN_CANCELLED,
}


def returnable(order: Order, as_of: datetime) -> dict[OrderLine, int]:
    """The order's lines with how many pieces of each may still be asked back.

    Empty before it was received, and RETURN_DAYS after that.
    """
    since = as_of - timedelta(days=settings.RETURN_DAYS)
    if not order.events.filter(kind=Kind.COMPLETED, at__gt=since).exists():
        return {}
    asked: dict[int, int] = {}
    for line in ReturnLine.objects.filter(parent__order=order).exclude(parent__status__in=REFUSED):
        asked[line.line_id] = asked.get(line.line_id, 0) + line.quantity
    left = {line: line.quantity - asked.get(line.pk, 0) for line in order.lines.all()}
    return {line: pieces for line, pieces in left.items() if pieces > 0}


@transaction.atomic
def request_return(order_id: int, quantities: Mapping[int, int], *, reason: str, words: str, now: datetime) -> Return:
    """Asks for a return of so many pieces of the lines with these keys.

    Raises IllegalMove, with nothing written, if an earlier one still waits for its answer (so a second tab or click
    asks for nothing more), or if a line is not the order's or has fewer pieces left.
    """
    order = Order.objects.select_for_update().get(pk=order_id)  # two tabs, one after the other
    if order.returns.filter(status=ReturnStatus.REQUESTED).exists():
        raise IllegalMove(f"order {order} has a return that waits for its answer")
    left = {line.pk: pieces for line, pieces in returnable(order, now).items()}
    if not quantities or any(not 1 <= pieces <= left.get(key, 0) for key, pieces in quantities.items()):
        raise IllegalMove(f"order {order} has not so many pieces to return")
    asked = Return.objects.create(order=order, reason=reason, words=words, requested_at=now)
    ReturnLine.objects.bulk_create(
        ReturnLine(parent=asked, line_id=key, quantity=pieces) for key, pieces in sorted(quantities.items())
    )
    _log(asked, Kind.RETURN_REQUESTED, Actor.CUSTOMER, reason)
    return asked


@transaction.atomic
def answer_return(asked: Return, target: ReturnStatus, actor: Actor, note: str = "") -> bool:
    """Approves, rejects or withdraws it; True for the first to say so. Raises IllegalMove if it was decided before."""
    if not Return.objects.move(asked.pk, target, note=note):
        return False
    _log(asked, EVENTS[target], actor, note)
    if target != ReturnStatus.CANCELLED:
        publish(ReturnAnswered(**asked.order.reference, return_id=asked.pk))
    return True


def _log(asked: Return, kind: Kind, actor: Actor, note: str) -> None:
    OrderEvent.objects.create(order_id=asked.order_id, kind=kind, actor=actor, note=note)
