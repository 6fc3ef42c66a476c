"""The cart page, and the three things one can do to a cart."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shop.cart.cart import Change, cart_of
from shop.cart.exceptions import NoLongerSold
from shop.cart.forms import AddForm, SetForm
from shop.cart.merging import bring_late_lines
from shop.cart.wording import tell, tell_gone


@never_cache
@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    bring_late_lines(request)
    tell_gone(request, cart_of(request).forget_gone())
    return render(request, "cart/cart.html")


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """More of a sku. htmx gets the words for the buy box and the new count; other browsers go back to their page."""
    _carry_out(request, AddForm(request.POST), cart_of(request).add)
    return _answer(request, "cart/_added.html", back_to=request.POST.get("next", ""))


@require_POST
def set_quantity(request: HttpRequest) -> HttpResponse:
    """Another quantity of a sku, 0 for none. htmx gets the new lines and sums."""
    _carry_out(request, SetForm(request.POST), cart_of(request).set)
    return _answer(request, "cart/_changed.html")


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """The shopper has read the new prices. htmx gets the lines without the note."""
    seen = zip(request.POST.getlist("sku"), request.POST.getlist("price"), strict=False)
    cart_of(request).accept_prices(dict(seen))
    return _answer(request, "cart/_changed.html")


def _carry_out(request: HttpRequest, form: AddForm, change: Callable[[str, int], Change]) -> None:
    if not form.is_valid():
        messages.error(request, form.complaint)
        return
    try:
        tell(request, change(form.cleaned_data["sku"], form.cleaned_data["quantity"]))
    except NoLongerSold:
        messages.error(request, _("This is no longer sold. Your cart is as it was."))


def _answer(request: HttpRequest, template: str, *, back_to: str = "") -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, template)
    if _is_own_page(request, back_to):
        return HttpResponseRedirect(back_to)  # not `redirect`, which takes a word without a slash for a view's name
    return redirect("cart")


def _is_own_page(request: HttpRequest, address: str) -> bool:
    is_here = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address.startswith("/") and is_here
