"""The shopper asks for a price, and takes it or not. The pages of a quote are its order's: same holder, same link."""

from typing import cast

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor
from orders.models import Quotation
from orders.quotations import decline_quote
from orders.services import GUEST
from queue_table import clock
from shop.cart.cart import cart_of
from shop.catalogue.exceptions import OutOfStock
from shop.checkout import address_book
from shop.checkout.access import grant, own_order
from shop.checkout.exceptions import CartChanged, CartEmpty, ChoiceRefused
from shop.customers.identity import reference
from shop.quotes.forms import AskForm
from shop.quotes.quoting import Wish, ask, take


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def quote_ask(request: HttpRequest) -> HttpResponse:
    """Who asks, for the goods in the cart. The cart stays as it is."""
    if cart_of(request).is_empty:
        return redirect("cart")
    if request.method == "POST":
        return _ask(request, AskForm(request.POST))
    usual = next(iter(address_book.addresses(request.user)), None)
    known = {"email": getattr(request.user, "email", "")} | (address_book.typed(usual) if usual else {})
    return _page(request, AskForm(known).spare())


def _ask(request: HttpRequest, form: AskForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form)
    if not ratelimit.consume(request, action="quote_ask"):
        return cast(HttpResponse, ratelimit.respond_429(request))
    wish = Wish(key=form.key, contact=form.contact, note=form.cleaned_data["note"], customer=reference(request.user))
    try:
        order = ask(wish, cart_of(request).quantities, clock.now())
    except (CartEmpty, CartChanged):
        return redirect("cart")
    except ChoiceRefused as refusal:
        form.complain(refusal.problems)
        return _page(request, form)
    answer = redirect("order_quote", number=order.number)
    return grant(request, answer, order) if order.customer == GUEST else answer


def _page(request: HttpRequest, form: AskForm) -> HttpResponse:
    return render(request, "quotes/ask.html", {"form": form, "cart": cart_of(request)})


@never_cache
@require_GET
def order_quote(request: HttpRequest, number: str) -> HttpResponse:
    """How the quote stands. One that was taken is an order, and has its page."""
    quotation = _own_quote(request, number)
    if quotation.taken_at:
        return redirect("order", number=number)
    order = quotation.order
    is_over = not quotation.is_draft or order.pay_by <= clock.now()
    return render(request, "quotes/quote.html", {"order": order, "quotation": quotation, "is_over": is_over})


@require_POST
def order_quote_take(request: HttpRequest, number: str) -> HttpResponse:
    """The quote that he saw becomes his order; the next page is the payment."""
    order, revision = _own_quote(request, number).order, request.POST.get("revision", "")
    try:
        take(order, int(revision) if revision.isdecimal() and len(revision) < 6 else 0, clock.now())
    except IllegalMove:
        messages.info(request, _("Meanwhile the quote has changed or is over. This is how it stands."))
        return redirect("order_quote", number=number)
    except OutOfStock as refusal:
        _tell_short(request, refusal, {line.sku: line.title for line in order.lines.all()})
        return redirect("order_quote", number=number)
    return redirect("order_pay", number=number)


@require_POST
def order_quote_decline(request: HttpRequest, number: str) -> HttpResponse:
    order = _own_quote(request, number).order
    try:
        decline_quote(order.pk, Actor.CUSTOMER)
    except IllegalMove:
        messages.info(request, _("Meanwhile the quote has changed or is over. This is how it stands."))
    return redirect("order_quote", number=number)


def _own_quote(request: HttpRequest, number: str) -> Quotation:
    return get_object_or_404(Quotation.objects.select_related("order"), order=own_order(request, number))


def _tell_short(request: HttpRequest, refusal: OutOfStock, titles: dict[str, str]) -> None:
    for sku, left in refusal.shortages.items():
        words = _("Of %(title)s there are only %(left)d left now. Nothing was ordered, and the quote stands: ask us.")
        messages.error(request, words % {"title": titles[sku], "left": left})
