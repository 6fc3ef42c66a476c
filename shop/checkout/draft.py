"""What a shopper has typed into the checkout, kept in his session until he has ordered: the cart is a page away."""

from collections.abc import Mapping

from django.http import HttpRequest

from shop.checkout.forms import CheckoutForm

SESSION_KEY = "checkout"
LONGEST = 600  # characters of one field


def keep(request: HttpRequest, typed: Mapping[str, str]) -> None:
    """Remembers the visible fields; what is longer than any of them may be is cut."""
    kept = {name: typed[name][:LONGEST] for name in CheckoutForm.base_fields if typed.get(name)}
    if kept != request.session.get(SESSION_KEY, {}):
        request.session[SESSION_KEY] = kept


def kept(request: HttpRequest) -> dict[str, str]:
    return dict(request.session.get(SESSION_KEY, {}))


def forget_field(request: HttpRequest, name: str) -> None:
    request.session[SESSION_KEY] = {field: text for field, text in kept(request).items() if field != name}


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)
