"""The customer asks for a return, shows what is wrong, keeps the goods after all, or says that he has sent them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor
from orders.models import Order, ReturnPhoto
from orders.returning import mark_sent, request_return, withdraw_return
from queue_table import clock
from shop.aftersales.forms import ReturnForm, SentForm
from shop.aftersales.standing import Standing
from shop.checkout.access import own_order


@never_cache
@require_http_methods(["GET", "POST"])
def order_return(request: HttpRequest, number: str) -> HttpResponse:
    """Which pieces, and why. An order of which nothing can be asked back leads to its page."""
    order = own_order(request, number)
    standing = Standing(order, clock.now())
    if standing.window.is_over(standing.now):
        return render(request, "aftersales/return_over.html", {"order": order, "window": standing.window})
    if not standing.returnable:
        messages.info(request, _("There is nothing more to ask back here. This is how the order stands."))
        return redirect("order", number=number)
    posted = request.method == "POST"
    form = ReturnForm(standing.returnable, request.POST if posted else None, request.FILES if posted else None)
    if form.is_valid():
        return _ask(request, order, form)
    return render(request, "aftersales/return.html", {"order": order, "form": form})


def _ask(request: HttpRequest, order: Order, form: ReturnForm) -> HttpResponse:
    said = {name: form.cleaned_data[name] for name in ("reason", "words", "photos")}
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
        withdraw_return(asked)
    except IllegalMove:
        messages.info(request, _("Meanwhile your return has gone on. This is how it stands."))
    return redirect("order", number=number)


@require_POST
def order_return_sent(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The customer has sent the goods; the number of their parcel helps to find them and is not needed."""
    asked = get_object_or_404(own_order(request, number).returns, pk=pk)
    form = SentForm(request.POST)
    try:
        if form.is_valid() and mark_sent(asked, Actor.CUSTOMER, form.cleaned_data["tracking_number"]):
            messages.success(request, _("Thank you. We write to you as soon as it is here."))
    except IllegalMove:
        messages.info(request, _("Meanwhile your return has gone on. This is how it stands."))
    if form.errors:
        messages.error(request, _("This is no tracking number: it has up to 64 letters and figures."))
    return redirect("order", number=number)


@never_cache
@require_GET
def order_return_photo(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A photo, for who may see the order, and for nobody else."""
    photo = get_object_or_404(ReturnPhoto, parent__order=own_order(request, number), pk=pk)
    return HttpResponse(bytes(photo.content), content_type="image/webp")
