"""The checkout's jobs. Here the two systems are introduced to each other: the shop sees both, and neither the other."""

from delivery.drafts import Destination, ParcelDraft, ParcelLine
from delivery.services import open_shipment
from orders.lifecycle import OrderStatus
from orders.models import Order
from queue_table.tasks_api import task
from shop.catalogue.stock import second_hold
from shop.checkout import late_money, vouchers


@task(atomic=True)
def request_delivery(*, order_id: int, **_: object) -> None:
    """Hands a confirmed order to delivery: a snapshot of what goes where, so that delivery never asks again.

    The message carries ids only. The address goes from one system's table to the other's here, and not through the
    queue, where no personal data may lie.
    """
    order = Order.objects.select_for_update().prefetch_related("lines").get(pk=order_id)
    if order.status != OrderStatus.CONFIRMED:  # cancelled meanwhile; who cancels holds the order's row as we do
        return
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
    """An order that was not paid in time used no voucher; what late money has taken again since stays taken."""
    vouchers.give_back(order_number)


@task(atomic=True)
def give_back_every_voucher(*, order_number: str, **_: object) -> None:
    """An order that was cancelled used no voucher."""
    vouchers.give_back(order_number)
    vouchers.give_back(second_hold(order_number))


@task(atomic=True)
def settle_late_money(*, order_id: int, payment_id: int, **_: object) -> None:
    late_money.settle_late_money(order_id, payment_id)
