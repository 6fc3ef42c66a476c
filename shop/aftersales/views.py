"""The order's own page, and what the shopper does there."""

import logging

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from delivery.lifecycle import Actor as DeliveryActor
from delivery.models import Shipment
from delivery.services import confirm_receipt
from orders.exceptions import GatewayDown, GatewayRefused, IllegalMove
from orders.gatewaying import payment_page
from orders.lifecycle import Actor, OrderStatus, PaymentStatus
from orders.models import Order, Quotation
from orders.paying import start_payment
from queue_table import clock
from shop.aftersales.cancelling import cancel
from shop.aftersales.forms import CancelForm
from shop.aftersales.standing import Standing
from shop.checkout.access import own_order

logger = logging.getLogger(__name__)
UNTAKEN = {OrderStatus.DRAFT, OrderStatus.CANCELLED, OrderStatus.EXPIRED}  # what a quote may be that nobody took


@never_cache
@require_GET
def order_page(request: HttpRequest, number: str) -> HttpResponse:
    """Where the order stands. htmx asks again for the live part alone."""
    order = own_order(request, number)
    if order.status in UNTAKEN and Quotation.objects.filter(order=order, taken_at=None).exists():
        return redirect("order_quote", number=number)
    template = "aftersales/_order_live.html" if request.htmx else "aftersales/order.html"  # type: ignore[attr-defined]
    return render(request, template, {"order": order, "standing": Standing(order, clock.now())})


@never_cache
@require_http_methods(["GET", "POST"])
def order_pay(request: HttpRequest, number: str) -> HttpResponse:
    """POST opens a payment if none is open; GET shows the way to its page, which may be another party's."""
    order = own_order(request, number)
    if request.method == "POST":
        return _start_payment(request, order)
    payment = order.payments.select_related("order").filter(status=PaymentStatus.PENDING, held="").first()
    if order.status != OrderStatus.PENDING or payment is None:
        return redirect("order", number=number)
    context = {"order": order, "payment_instructions": settings.PAYMENT_INSTRUCTIONS}
    try:
        context["payment_url"] = payment_page(payment)
    except (GatewayDown, GatewayRefused):
        logger.warning("order %s: the gateway opened no payment", number, exc_info=True)
        context["is_away"] = True
    return render(request, "aftersales/pay_link.html", context)


def _start_payment(request: HttpRequest, order: Order) -> HttpResponse:
    try:
        start_payment(order.pk, return_url=reverse("order", args=[order.number]))
    except IllegalMove:
        messages.info(request, _("This order awaits no payment any more. Here is how it stands."))
    return redirect("order_pay", number=order.number)


@require_POST
def order_cancel(request: HttpRequest, number: str) -> HttpResponse:
    order = own_order(request, number)
    form = CancelForm(request.POST)
    try:
        cancel(order.pk, Actor.CUSTOMER, form.cleaned_data["reason"] if form.is_valid() else "")
    except IllegalMove:
        messages.info(request, _("This order can't be cancelled any more. Here is how it stands."))
    return redirect("order", number=number)


@require_POST
def order_receive(request: HttpRequest, number: str) -> HttpResponse:
    """The customer says that his parcels are there."""
    order = own_order(request, number)
    sent = Shipment.objects.filter(order_number=order.number, shipped_at__isnull=False)
    for shipment in sent:
        if shipment.can_confirm_receipt:
            confirm_receipt(shipment.pk, DeliveryActor.CUSTOMER)
    if sent:
        messages.success(request, _("Thank you. We are glad that it arrived."))
    return redirect("order", number=number)
