"""What follows on what happens to an order: its mails, one job each, so that none waits for another's work; and what
a return means to parcels and stock, which know nothing of orders."""

from delivery.lifecycle import PauseReason
from delivery.models import Shipment
from delivery.pausing import close_receipts, pause_receipts, resume_receipts
from orders.lifecycle import RUNNING, ReturnStatus
from orders.models import Order, Refund, Return, ReturnLine
from queue_table import clock
from queue_table.tasks_api import task
from shop.aftersales.mailing import tell
from shop.catalogue import stock


@task(atomic=True)
def mail_order_placed(*, order_id: int, **_: object) -> None:
    tell(order_id, "order_placed")


@task(atomic=True)
def mail_order_paid(*, order_id: int, **_: object) -> None:
    tell(order_id, "order_paid")


@task(atomic=True)
def mail_order_dispatched(*, order_id: int, shipment_id: int, **_: object) -> None:
    tell(order_id, "order_dispatched", shipment=Shipment.objects.get(pk=shipment_id))


@task(atomic=True)
def mail_order_cancelled(*, order_id: int, **_: object) -> None:
    tell(order_id, "order_cancelled")


@task(atomic=True)
def mail_order_expired(*, order_id: int, **_: object) -> None:
    tell(order_id, "order_expired")


@task(atomic=True)
def mail_return_answered(*, order_id: int, return_id: int, **_: object) -> None:
    tell(order_id, "return_answered", asked=_return(return_id))


@task(atomic=True)
def mail_purchase_withdrawn(*, order_id: int, return_id: int, **_: object) -> None:
    tell(order_id, "purchase_withdrawn", asked=_return(return_id))


@task(atomic=True)
def mail_return_received(*, order_id: int, return_id: int, **_: object) -> None:
    tell(order_id, "return_received", asked=_return(return_id))


@task(atomic=True)
def mind_receipts(*, order_id: int, **_: object) -> None:
    """The clock of the receipt stands still while a return runs. Goods that came back and were paid for had arrived.

    Goes by the rows and not by the message, which may come twice, late, or after its successor.
    """
    Order.objects.select_for_update().get(pk=order_id)  # of two such jobs the later one sees what the earlier saw
    statuses = set(Return.objects.filter(order_id=order_id).values_list("status", flat=True))
    if statuses & RUNNING:
        pause_receipts(order_id, PauseReason.RETURN, clock.now())
    elif ReturnStatus.REFUNDED in statuses:
        close_receipts(order_id)
    else:
        resume_receipts(order_id, clock.now())


@task(atomic=True)
def restock_return(*, return_id: int, **_: object) -> None:
    """What came back and can be sold again goes back into the stock."""
    lines = ReturnLine.objects.filter(parent_id=return_id, restocked=True).select_related("line")
    stock.take_back({row.line.sku: row.received or 0 for row in lines}, f"return:{return_id}")


@task(atomic=True)
def mail_order_link(*, order_id: int) -> None:
    tell(order_id, "order_link")


@task(atomic=True)
def mail_refund_done(*, order_id: int, refund_id: int, **_: object) -> None:
    tell(order_id, "refund_done", refund=Refund.objects.get(pk=refund_id))


def _return(return_id: int) -> Return:
    return Return.objects.prefetch_related("lines__line").get(pk=return_id)
