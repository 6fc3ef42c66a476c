"""The delivery system's jobs."""

from datetime import datetime

from delivery.models import Shipment
from delivery.services import book_shipment as book
from delivery.services import confirm_if_overdue
from queue_table import clock
from queue_table.outbox import enqueue_once
from queue_table.tasks_api import TaskContext, task


@task(takes_context=True)  # type: ignore[arg-type]  # the API passes the context by position, and names it
def book_shipment(context: TaskContext, *, shipment_id: int, **_: object) -> None:
    """Speaks to the outside, so it may run twice: the job's id is the key that makes it one booking."""
    book(shipment_id, idempotency_key=f"job-{context.task_result.id}")


@task
def confirm_overdue_receipts() -> None:
    """The duty: one small job for each parcel whose receipt is overdue."""
    enqueue_overdue(clock.now())


def enqueue_overdue(as_of: datetime) -> int:
    """Enqueues a confirmation for each parcel that is overdue at `as_of`, once per due time; returns how many are."""
    overdue = Shipment.objects.overdue(as_of).only("pk", "order_id", "customer", "confirm_due_at")
    count = 0
    for shipment in list(overdue):  # read to the end before the first write, as SQLite wants it
        enqueue_once(
            confirm_overdue_receipt,
            f"receipt:{shipment.pk}:{shipment.confirm_due_at:%Y-%m-%dT%H:%M:%S}",
            kind="receipt.overdue",
            order_id=shipment.order_id,
            user_info=shipment.customer,
            kwargs={"shipment_id": shipment.pk, "as_of": as_of.isoformat()},
        )
        count += 1
    return count


@task(atomic=True)
def confirm_overdue_receipt(*, shipment_id: int, as_of: str) -> None:
    confirm_if_overdue(shipment_id, datetime.fromisoformat(as_of))
