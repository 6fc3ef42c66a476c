"""The order system's jobs."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from orders import gatewaying, inbox
from orders.invoicing import issue_invoice as issue
from orders.lifecycle import Actor
from orders.links import forget_links
from orders.models import Order, OrderEvent, Payment, PaymentCallback, Refund, ReturnPhoto
from orders.payments import sandbox
from orders.quotations import expire_quote
from orders.services import complete_order as close
from orders.services import expire_order
from orders.services import note_dispatch as write_dispatch
from queue_table import clock
from queue_table.exceptions import Snooze
from queue_table.outbox import enqueue_once
from queue_table.tasks_api import task

ASK_AGAIN = timedelta(hours=1)
PATIENT = [timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)]


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
def expire_quotes() -> None:
    """The duty: one small job for each quote that nobody took in time."""
    enqueue_quotes_over(clock.now())


def enqueue_quotes_over(as_of: datetime) -> int:
    """Enqueues the end of each draft whose time is over at `as_of`, once per deadline; returns how many are."""
    over = list(Order.objects.quotes_over(as_of).only("pk", "customer", "pay_by"))
    for order in over:
        enqueue_once(
            expire_overdue_quote,
            f"quote:{order.pk}:{order.pay_by:%Y-%m-%dT%H:%M:%S}",
            kind="quote.overdue",
            order_id=order.pk,
            user_info=order.customer,
            kwargs={"order_id": order.pk, "as_of": as_of.isoformat()},
        )
    return len(over)


@task(atomic=True)
def expire_overdue_quote(*, order_id: int, as_of: str) -> None:
    expire_quote(order_id, datetime.fromisoformat(as_of))


@task
def prune_links() -> None:
    """The duty: forgets links whose time is over."""
    forget_links(clock.now())


@task
def forget_addresses() -> None:
    """The duty: takes the addresses of people out of what the order log has known for long enough."""
    OrderEvent.objects.forget_addresses(clock.now() - timedelta(days=settings.ORDER_ADDRESS_DAYS))


@task
def prune_return_photos() -> None:
    """The duty: forgets the photos of returns that are older than RETURN_PHOTO_DAYS."""
    old = clock.now() - timedelta(days=settings.RETURN_PHOTO_DAYS)
    ReturnPhoto.objects.older_than(old).delete()


@task(atomic=True)
def issue_invoice(*, order_id: int, **_: object) -> None:
    issue(order_id, clock.now())


@task(atomic=True)
def note_dispatch(*, order_id: int, **_: object) -> None:
    write_dispatch(order_id)


@task(atomic=True)
def complete_order(*, order_id: int, confirmed_by: str, **_: object) -> None:
    close(order_id, Actor(confirmed_by))


@transaction.atomic
def take_callback(gateway_name: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keeps a gateway's word, with the job that applies it. Raises BadSignature or MalformedCallback."""
    kept = inbox.store_callback(gateway_name, headers, body)
    if kept:
        replay_callback(kept, f"callback:{kept.pk}")


@transaction.atomic
def replay_callback(kept: PaymentCallback, dedupe_key: str) -> None:
    """Enqueues one job with this key that applies what was kept."""
    order_id = Payment.objects.filter(reference=kept.reference).values_list("order_id", flat=True).first()
    kwargs = {"callback_id": kept.pk}
    enqueue_once(apply_callback, dedupe_key, kind="payment.callback", order_id=order_id, kwargs=kwargs)


@task
def forget_callbacks() -> None:
    """The duty: what gateways said of customers is not kept for ever."""
    inbox.forget_bodies(clock.now())


@task(atomic=True)
def apply_callback(*, callback_id: int) -> None:
    inbox.apply_callback(callback_id)


def tell_as_sandbox(payment: Payment, ending: str) -> None:
    """The sandbox provider's customer pressed a button: its callbacks come now, or by jobs when they are due."""
    now = clock.now()
    for notice, delay in sandbox.ended(payment.charge, sandbox.Ending(ending), now):
        body = sandbox.write_body(notice)
        if delay:
            send_sandbox_callback.using(run_after=now + delay).enqueue(body=body.decode())
        else:
            take_callback("sandbox", *sandbox.signed(body))


@task
def send_sandbox_callback(*, body: str) -> None:
    take_callback("sandbox", *sandbox.signed(body.encode()))


@task(max_attempts=8, retry_delays=PATIENT)
def stop_open_payments(*, order_id: int, **_: object) -> None:
    gatewaying.stop_open_payments(order_id)


@task(max_attempts=8, retry_delays=PATIENT)
def stop_payment(*, payment_id: int) -> None:
    gatewaying.stop_payment(Payment.objects.select_related("order").get(pk=payment_id))


@task(max_attempts=8, retry_delays=PATIENT)
def capture_payment(*, order_id: int, **_: object) -> None:
    gatewaying.capture_payment(order_id)


@task(max_attempts=12, retry_delays=PATIENT)
def send_refund(*, refund_id: int, **_: object) -> None:
    """Speaks to the outside, so it may run twice: the refund's own reference makes it one repayment."""
    if not gatewaying.send_refund(refund_id):
        raise Snooze(clock.now() + ASK_AGAIN)


@transaction.atomic
def retry_refund(refund: Refund, now: datetime) -> None:
    """Enqueues one more job, at most one a second, for a refund whose jobs have all failed."""
    key, kwargs = f"refund:{refund.pk}:{now:%Y-%m-%dT%H:%M:%S}", {"refund_id": refund.pk}
    enqueue_once(send_refund, key, kind="refund.retry", order_id=refund.order_id, kwargs=kwargs)
