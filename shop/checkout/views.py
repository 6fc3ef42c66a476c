"""The checkout page: who, where to, how, and the sum. A submit is one order, however often it is sent."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from orders.models import Order
from orders.services import GUEST
from queue_table import clock
from shop.cart.cart import Cart, cart_of
from shop.catalogue.exceptions import OutOfStock
from shop.checkout import address_book, draft
from shop.checkout.access import grant
from shop.checkout.exceptions import CartChanged, CartEmpty, ChoiceRefused
from shop.checkout.forms import CheckoutForm
from shop.checkout.guessing import refuse_guess
from shop.checkout.placing import Submit, place_order
from shop.checkout.pricing import goods_of, shop_price
from shop.checkout.seen import sealed
from shop.customers.exceptions import BookFull
from shop.customers.identity import reference

NO_ORDER = {"update", "saved"}  # the buttons that only show the page anew


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """GET shows the page. POST orders, unless one of the other buttons was pressed: they only count anew."""
    cart = cart_of(request)
    if request.method == "POST":
        draft.keep(request, request.POST.dict())
        if not NO_ORDER & set(request.POST):
            return _order(request, cart, CheckoutForm(request.POST))
    return _page(request, cart, _form(request))


def _form(request: HttpRequest) -> CheckoutForm:
    """The form as far as it is filled, without complaints about the rest."""
    key = request.POST.get("saved", "")
    if request.method == "GET":
        return CheckoutForm(_opening(request)).spare()
    if not key:
        return CheckoutForm(request.POST).spare()
    address = address_book.find(request.user, key)
    form = CheckoutForm(request.POST.dict() | (address_book.typed(address) if address else {})).spare()
    if address is None:
        form.add_error(None, _("There is no such address in your address book. What you typed is still here."))
    return form


def _opening(request: HttpRequest) -> dict[str, str]:
    """What was typed before; else what the shop knows of the customer; else the shop's country."""
    known = {"email": getattr(request.user, "email", ""), "country": settings.SHOP_COUNTRY}
    usual = next(iter(address_book.addresses(request.user)), None)
    return known | (address_book.typed(usual) if usual else {}) | draft.kept(request)


def _order(request: HttpRequest, cart: Cart, form: CheckoutForm) -> HttpResponse:
    if form.is_valid():
        refuse_guess(request, form)
    if form.errors:
        return _page(request, cart, form)
    try:
        order = _place(form.submit(reference(request.user)), cart)
    except CartEmpty:
        return redirect("cart")
    except OutOfStock:
        messages.error(request, _("Meanwhile there are fewer left than you asked for. Please look at your cart."))
        return redirect("cart")
    except CartChanged as refusal:
        form.add_error(None, _("The sum has changed. Nothing is ordered yet: look at the new sum, then order again."))
        for words in refusal.changes:
            form.add_error(None, words)
        return _page(request, cart, form)
    except ChoiceRefused as refusal:
        form.complain(refusal.problems)
        return _page(request, cart, form)
    if form.cleaned_data["keep_address"]:
        _keep_address(request, form)
    draft.forget(request)
    answer = redirect("order_pay", number=order.number)
    return grant(request, answer, order) if order.customer == GUEST else answer


def _keep_address(request: HttpRequest, form: CheckoutForm) -> None:
    """After the order: a full book is no reason to lose it."""
    try:
        address_book.keep(request.user, form.contact)
    except BookFull:
        messages.info(request, _("Your order is placed. Its address was not kept: your address book is full."))


@transaction.atomic
def _place(submit: Submit, cart: Cart) -> Order:
    """The order is there and its goods are out of the cart, or neither: who finds a full cart has not ordered it."""
    order = place_order(submit, cart.quantities, now=clock.now())
    cart.take_out({line.sku: line.quantity for line in order.lines.all()})
    return order


def _page(request: HttpRequest, cart: Cart, form: CheckoutForm) -> HttpResponse:
    """The page with today's sums; what of the choices can't be had is told beside its field."""
    if cart.is_empty:
        return HttpResponseClientRedirect(reverse("cart")) if request.htmx else redirect("cart")  # type: ignore[attr-defined]
    form.is_valid()
    refuse_guess(request, form)
    goods = [goods_of(line.variant, line.quantity) for line in cart.lines]
    priced = shop_price(goods, form.choice(reference(request.user)), clock.now())
    form.complain(priced.problems)
    context = {
        "form": form,
        "cart": cart,
        "priced": priced,
        "quote": priced.quote,
        "seen": sealed(priced.quote),
        "addresses": address_book.addresses(request.user),
    }
    return render(request, "checkout/checkout.html", context)
