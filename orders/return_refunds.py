"""The last step of a return: the money for what came back."""

from decimal import Decimal

from django.db import transaction

from orders.lifecycle import Actor, ReturnStatus
from orders.logbook import log
from orders.models import Order, OrderEvent, Refund, Return
from orders.refunding import start_refund, value_of
from queue_table.messages import ReturnEnded
from queue_table.outbox import publish


@transaction.atomic
def refund_return(asked: Return, actor: Actor, *, shipping: bool) -> bool:
    """Starts to pay back the pieces that came, and, with `shipping`, what is left of the delivery's price.

    True for the first to say so. Raises IllegalMove if it was not received, or if the pieces were paid back before.
    What came was put into stock when it was counted: here no goods move. Where nothing was paid, no money does either.
    """
    order = Order.objects.select_for_update().get(pk=asked.order_id)
    if not Return.objects.move(asked.pk, ReturnStatus.REFUNDED):
        return False
    if worth_of_return(asked, shipping=shipping):
        start_refund(order.pk, reason=Refund.Reason.RETURNED, actor=actor, lines=_came(asked), shipping=shipping)
    moved = (ReturnStatus.RECEIVED, ReturnStatus.REFUNDED)
    log(order, OrderEvent.Kind.RETURN_REFUNDED, actor, moved=moved, subject=asked.subject)
    publish(ReturnEnded(**order.reference, return_id=asked.pk))
    return True


def worth_of_return(asked: Return, *, shipping: bool) -> Decimal:
    """What `refund_return` pays back, as things stand. Raises IllegalMove if the pieces were paid back before."""
    return value_of(asked.order, _came(asked), shipping=shipping)


def _came(asked: Return) -> dict[int, int]:
    """Pieces by the key of their order line."""
    return {row.line_id: row.received or 0 for row in asked.lines.filter(received__gt=0)}
