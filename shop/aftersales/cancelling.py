"""Stops an order before it is sent. Here the two systems are asked together: neither sees the other."""

from django.db import transaction

from delivery import services as delivery
from delivery.exceptions import IllegalMove as NotCalledBack
from delivery.lifecycle import Actor as DeliveryActor
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, OrderStatus
from orders.models import Order
from orders.refunding import cancel_paid_order
from orders.services import cancel_order


@transaction.atomic
def cancel(order_id: int, actor: Actor, note: str = "") -> None:
    """Cancels an order that is not sent; what was paid goes back. Raises IllegalMove for one that is sent or over.

    The order's row is held first, so that no parcel is opened meanwhile, and its parcels are called back in the same
    transaction: an order is either cancelled and paid back, or sent, and never both.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.status != OrderStatus.CONFIRMED:
        cancel_order(order, actor, note)
        return
    try:
        delivery.call_back(order.pk, DeliveryActor(actor.value))
    except NotCalledBack as refusal:
        raise IllegalMove(str(refusal)) from refusal
    cancel_paid_order(order.pk, actor, note)
