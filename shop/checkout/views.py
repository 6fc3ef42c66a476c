"""The checkout: from the cart to the order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from queue_table import clock
from shop.cart.cart import Cart, cart_of
from shop.catalogue.exceptions import OutOfStock
from shop.checkout.access import grant
from shop.checkout.exceptions import CartChanged, CartEmpty
from shop.checkout.forms import CheckoutForm
from shop.checkout.placing import place_order
from shop.customers.identity import GUEST


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """One page: who, where to, and the sum. A submit is one order, however often it is sent."""
    cart = cart_of(request)
    form = CheckoutForm(request.POST) if request.method == "POST" else CheckoutForm.fresh(cart.total)
    if form.is_valid():
        return _submit(request, cart, form)
    if cart.is_empty:
        return redirect("cart")
    return render(request, "checkout/checkout.html", {"form": form, "cart": cart})


def _submit(request: HttpRequest, cart: Cart, form: CheckoutForm) -> HttpResponse:
    try:
        order = place_order(
            form.cleaned_data["key"],
            contact=form.contact,
            quantities=cart.quantities,
            expected_total=form.cleaned_data["expected_total"],
            now=clock.now(),
        )
    except CartEmpty:
        return redirect("cart")
    except OutOfStock:
        messages.error(request, _("Meanwhile there are fewer left than you asked for. Please look at your cart."))
        return redirect("cart")
    except CartChanged:
        form = form.with_total(cart.total)
        form.add_error(None, _("The cart has changed. Nothing is ordered yet: look at the new sum, then order again."))
        return render(request, "checkout/checkout.html", {"form": form, "cart": cart})
    cart.take_out({line.sku: line.quantity for line in order.lines.all()})
    answer = redirect("order_pay", number=order.number)
    return grant(answer, order) if order.customer == GUEST else answer
