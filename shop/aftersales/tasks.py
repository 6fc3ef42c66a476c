"""The mails that follow what happens to an order: one job each, so that none waits for another's work."""

from delivery.models import Shipment
from orders.models import Refund, Return
from queue_table.tasks_api import task
from shop.aftersales.mailing import tell


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
    tell(order_id, "return_answered", asked=Return.objects.prefetch_related("lines__line").get(pk=return_id))


@task(atomic=True)
def mail_order_link(*, order_id: int) -> None:
    tell(order_id, "order_link")


@task(atomic=True)
def mail_refund_done(*, order_id: int, refund_id: int, **_: object) -> None:
    tell(order_id, "refund_done", refund=Refund.objects.get(pk=refund_id))
