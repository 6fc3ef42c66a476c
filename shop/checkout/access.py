"""Who may see an order: the browser that placed it or holds its link, and its customer. To others it does not exist."""

import re
from typing import TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from orders.models import Order
from shop.customers.identity import reference

SALT = "shop.checkout.access"
NUMBER = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", re.ASCII)  # keeps what no database column takes out of a query

Answer = TypeVar("Answer", bound=HttpResponseBase)


def grant(answer: Answer, order: Order) -> Answer:
    """Lets the browser that gets this answer see the order from now on.

    By a signed cookie for the order's own pages, and not by a list in the session: of two requests that change one
    session at the same moment, the later overwrites what the earlier wrote.
    """
    answer.set_signed_cookie(
        _cookie(order.number),
        order.number,
        salt=SALT,
        max_age=settings.SESSION_COOKIE_AGE,
        path=reverse("order", args=[order.number]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def own_order(request: HttpRequest, number: str) -> Order:
    """The order, if this shopper may see it. Raises Http404 otherwise, whether or not it exists."""
    order = Order.objects.filter(number=number).first() if NUMBER.fullmatch(number) else None
    if order is None or not (_holds_cookie(request, number) or _is_customer(request, order)):
        raise Http404("no such order for this shopper")
    return order


def _holds_cookie(request: HttpRequest, number: str) -> bool:
    kept = request.get_signed_cookie(_cookie(number), default=None, salt=SALT, max_age=settings.SESSION_COOKIE_AGE)
    return bool(kept == number)


def _is_customer(request: HttpRequest, order: Order) -> bool:
    """A guest's order is nobody's: all guests share one reference."""
    return request.user.is_authenticated and order.customer == reference(request.user)


def _cookie(number: str) -> str:
    return f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}order-{number}"
