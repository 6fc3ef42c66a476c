"""The customer asks for a return, or withdraws it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order
from orders.returning import answer_return, request_return
from queue_table import clock
from shop.aftersales.forms import ReturnForm
from shop.aftersales.standing import Standing
from shop.checkout.access import own_order


@never_cache
@require_http_methods(["GET", "POST"])
def order_return(request: HttpRequest, number: str) -> HttpResponse:
    """Which pieces, and why. An order of which nothing can be asked back leads to its page."""
    order = own_order(request, number)
    left = Standing(order, clock.now()).returnable
    if not left:
        messages.info(request, _("There is nothing more to ask back here. This is how the order stands."))
        return redirect("order", number=number)
    form = ReturnForm(left, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _ask(request, order, form)
    return render(request, "aftersales/return.html", {"order": order, "form": form})


def _ask(request: HttpRequest, order: Order, form: ReturnForm) -> HttpResponse:
    said = {name: form.cleaned_data[name] for name in ("reason", "words")}
    try:
        request_return(order.pk, form.quantities, **said, now=clock.now())
    except IllegalMove:
        messages.info(request, _("Meanwhile something was asked back already. This is how the order stands."))
    else:
        messages.success(request, _("We have your wish to return, and answer soon. Please keep the goods until then."))
    return redirect("order", number=order.number)


@require_POST
def order_return_withdraw(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    asked = get_object_or_404(own_order(request, number).returns, pk=pk)
    try:
        answer_return(asked, ReturnStatus.CANCELLED, Actor.CUSTOMER)
    except IllegalMove:
        messages.info(request, _("We have answered meanwhile. This is how your return stands."))
    return redirect("order", number=number)
