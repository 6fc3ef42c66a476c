"""The order system's jobs."""

from django.utils import timezone

from orders.lifecycle import Actor
from orders.models import Order
from orders.services import complete_order as close
from orders.services import expire_order
from orders.services import note_dispatch as write_dispatch
from queue_table.outbox import enqueue_once
from queue_table.tasks_api import task


@task
def expire_unpaid_orders() -> None:
    """The duty: one small job for each order whose time to pay is over."""
    for order in Order.objects.unpaid_since(timezone.now()).only("pk", "customer", "pay_by").iterator():
        enqueue_once(
            expire_unpaid_order,
            f"expire:{order.pk}:{order.pay_by.isoformat()}",
            kind="order.expire",
            order_id=order.pk,
            user_info=order.customer,
            kwargs={"order_id": order.pk},
        )


@task(atomic=True)
def expire_unpaid_order(*, order_id: int) -> None:
    expire_order(order_id, timezone.now())


@task(atomic=True)
def note_dispatch(*, order_id: int, **_: object) -> None:
    write_dispatch(order_id)


@task(atomic=True)
def complete_order(*, order_id: int, confirmed_by: str, **_: object) -> None:
    close(order_id, Actor(confirmed_by))
