"""How a guest comes back to his order: by the link in a mail, or by asking for that mail again."""

from datetime import datetime

from orders.models import Order
from queue_table.outbox import enqueue_once
from shop.aftersales.tasks import mail_order_link

EVERY = 600  # seconds: at most one mail for an order in each ten minutes


def send_link_again(number: str, email: str, now: datetime) -> None:
    """Has a new link sent if there is such an order of such an address. Says to nobody whether there is.

    What matches nothing writes nothing: nobody can fill the queue by guessing.
    """
    order = Order.objects.filter(number=number).first()
    if order is None or order.email.casefold() != email.casefold():
        return
    enqueue_once(
        mail_order_link,
        f"order-link:{order.pk}:{int(now.timestamp()) // EVERY}",
        kind="order.sought",
        order_id=order.pk,
        user_info=order.customer,
        kwargs={"order_id": order.pk},
    )
