"""Invoices: one for each paid order, numbered without a gap."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from orders.models import Invoice, InvoiceCounter


@transaction.atomic
def issue_invoice(order_id: int, now: datetime) -> Invoice:
    """The order's invoice, with the next number if it had none. Many at once get their numbers one after the other.

    The counter's row is locked first and until the end: so two that issue the same order's see each other, and a
    number that is rolled back is the next one's.
    """
    counter = InvoiceCounter.objects.locked()
    invoice = Invoice.objects.filter(order_id=order_id).first()
    if invoice is None:
        number = InvoiceCounter.objects.count_up(counter)
        invoice = Invoice.objects.create(order_id=order_id, number=number, seller=_seller(), issued_at=now)
    return invoice


def _seller() -> str:
    """As it stands on the paper, line by line."""
    lines = [settings.SHOP_NAME, *settings.SHOP_ADDRESS, settings.SHOP_TAX_NUMBER]
    return "\n".join(line for line in lines if line)
