"""The order system's jobs."""

from datetime import datetime, timedelta

from django.conf import settings

from orders.invoicing import issue_invoice as issue
from orders.lifecycle import Actor
from orders.links import forget_links
from orders.models import Order, OrderEvent
from orders.services import complete_order as close
from orders.services import expire_order
from orders.services import note_dispatch as write_dispatch
from queue_table import clock
from queue_table.outbox import enqueue_once
from queue_table.tasks_api import task


@task
def expire_unpaid_orders() -> None:
    """The duty: one small job for each order whose time to pay is over."""
    enqueue_unpaid(clock.now())


def enqueue_unpaid(as_of: datetime) -> int:
    """Enqueues the end of each order that is unpaid at `as_of`, once per deadline; returns how many are."""
    unpaid = Order.objects.unpaid_since(as_of).only("pk", "customer", "pay_by")
    count = 0
    for order in list(unpaid):  # read to the end before the first write: SQLite locks out a reader that turns writer
        enqueue_once(
            expire_unpaid_order,
            f"expire:{order.pk}:{order.pay_by:%Y-%m-%dT%H:%M:%S}",
            kind="order.overdue",
            order_id=order.pk,
            user_info=order.customer,
            kwargs={"order_id": order.pk, "as_of": as_of.isoformat()},
        )
        count += 1
    return count


@task(atomic=True)
def expire_unpaid_order(*, order_id: int, as_of: str) -> None:
    expire_order(order_id, datetime.fromisoformat(as_of))


@task
def prune_links() -> None:
    """The duty: forgets links whose time is over."""
    forget_links(clock.now())


@task
def forget_addresses() -> None:
    """The duty: takes the addresses of people out of what the order log has known for long enough."""
    OrderEvent.objects.forget_addresses(clock.now() - timedelta(days=settings.ORDER_ADDRESS_DAYS))


@task(atomic=True)
def issue_invoice(*, order_id: int, **_: object) -> None:
    issue(order_id, clock.now())


@task(atomic=True)
def note_dispatch(*, order_id: int, **_: object) -> None:
    write_dispatch(order_id)


@task(atomic=True)
def complete_order(*, order_id: int, confirmed_by: str, **_: object) -> None:
    close(order_id, Actor(confirmed_by))
