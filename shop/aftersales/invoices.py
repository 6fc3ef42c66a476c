"""The invoice of a paid order: a page to print, and the same as a PDF."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from orders.models import Invoice
from shop.aftersales.bill import Bill
from shop.aftersales.pdf import written_as_pdf
from shop.checkout.access import own_order


@never_cache
@require_GET
def order_invoice(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "aftersales/invoice.html", {"bill": _bill(request, number)})


@never_cache
@require_GET
def order_invoice_pdf(request: HttpRequest, number: str) -> HttpResponse:
    bill = _bill(request, number)
    name = f'attachment; filename="invoice-{bill.invoice}.pdf"'
    return HttpResponse(written_as_pdf(bill), content_type="application/pdf", headers={"Content-Disposition": name})


def _bill(request: HttpRequest, number: str) -> Bill:
    """Raises Http404 for an order that is not this shopper's or has no invoice (yet)."""
    order = own_order(request, number)
    return Bill(
        get_object_or_404(Invoice.objects.select_related("order").prefetch_related("order__lines"), order=order)
    )
