"""The checkout's jobs. Here the two systems are introduced to each other: the shop sees both, and neither the other."""

from delivery.drafts import Destination, ParcelDraft, ParcelLine
from delivery.services import open_shipment
from orders.models import Order
from queue_table.tasks_api import task
from shop.checkout import vouchers


@task(atomic=True)
def request_delivery(*, order_id: int, **_: object) -> None:
    """Hands a confirmed order to delivery: a snapshot of what goes where, so that delivery never asks again.

    The message carries ids only. The address goes from one system's table to the other's here, and not through the
    queue, where no personal data may lie.
    """
    order = Order.objects.prefetch_related("lines").get(pk=order_id)
    open_shipment(
        ParcelDraft(
            order_id=order.pk,
            order_number=order.number,
            customer=order.customer,
            destination=Destination(
                name=order.name, address=order.address, city=order.city, postcode=order.postcode, country=order.country
            ),
            lines=[ParcelLine(sku=line.sku, title=line.title, quantity=line.quantity) for line in order.lines.all()],
        )
    )


@task(atomic=True)
def give_back_voucher(*, order_number: str, **_: object) -> None:
    """An order that came to nothing used no voucher."""
    vouchers.give_back(order_number)
