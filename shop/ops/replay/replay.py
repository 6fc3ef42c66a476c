"""Plays a file of real invoices through the whole shop: ordered, paid, delivered, received."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from delivery.tasks import enqueue_overdue
from shop.ops.replay.invoices import Invoice, Reading
from shop.ops.replay.report import Report, Sale, shipments_of
from shop.ops.replay.selling import sell

Progress = Callable[[Iterable[Invoice]], Iterable[Invoice]]


def replay(reading: Reading, as_of: datetime | None, progress: Progress) -> Report:
    """Sells each invoice, runs the queue until nothing is due, and confirms what is overdue at `as_of`.

    Without `as_of`, the moment by which the last of these parcels is overdue. Safe to repeat: what was done stays done.
    """
    sellable = [invoice for invoice in reading.invoices if invoice.lines]
    sales = [Sale(invoice, *sell(invoice)) for invoice in progress(sellable)]
    _drain_queue()
    enqueue_overdue(as_of or _last_due(sales))
    _drain_queue()
    return Report.of(reading, sales)


def _drain_queue() -> None:
    call_command("process_order_queue", max_seconds=float("inf"), batch_size=100, processes=0, stdout=StringIO())


def _last_due(sales: Sequence[Sale]) -> datetime:
    moments = [shipment.confirm_due_at for shipment in shipments_of(sales) if shipment.confirm_due_at]
    return max(moments, default=timezone.now())
