"""Who may see an order: the browser that placed it or holds its link, and its customer. To others it does not exist."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.crypto import salted_hmac

from orders.models import Order
from shop.customers.identity import reference

SALT = "shop.checkout.access"
NUMBER = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", re.ASCII)  # keeps what no database column takes out of a query

Answer = TypeVar("Answer", bound=HttpResponseBase)


def grant(request: HttpRequest, answer: Answer, order: Order, until: datetime | None = None) -> Answer:
    """Lets the browser that gets this answer see the order from now on: for SESSION_COOKIE_AGE, but not beyond `until`.

    By a signed cookie for the order's own pages, and not by a list in the session: of two requests that change one
    session at the same moment, the later overwrites what the earlier wrote. Each is good together with the browser's
    holder cookie only, which goes at log-out: no page but its own is sent an order's cookie, to take it back.
    """
    holder = request.COOKIES.get(_holder_cookie()) or _new_holder(request)
    longest = time.time() + settings.SESSION_COOKIE_AGE
    over = int(min(longest, until.timestamp()) if until else longest)
    usual: dict[str, Any] = {"secure": settings.SESSION_COOKIE_SECURE, "httponly": True, "samesite": "Lax"}
    answer.set_cookie(_holder_cookie(), holder, max_age=settings.SESSION_COOKIE_AGE, **usual)
    answer.set_signed_cookie(
        _cookie(order.number),
        f"{order.number}.{over}",
        salt=SALT + holder,
        max_age=max(0, over - int(time.time())),
        path=reverse("order", args=[order.number]),
        **usual,
    )
    return answer


def forget_orders_at_log_out(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: whoever sits at the browser after a log-out sees none of the orders that were opened in it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        was_logged_in = SESSION_KEY in request.session
        response = get_response(request)
        if was_logged_in and SESSION_KEY not in request.session:
            response.delete_cookie(_holder_cookie(), samesite="Lax")
        return response

    return answer


def own_order(request: HttpRequest, number: str) -> Order:
    """The order, if this shopper may see it. Raises Http404 otherwise, whether or not it exists."""
    order = Order.objects.filter(number=number).first() if NUMBER.fullmatch(number) else None
    if order is None or not (_holds_cookie(request, number) or _is_customer(request, order)):
        raise Http404("no such order for this shopper")
    return order


def _holds_cookie(request: HttpRequest, number: str) -> bool:
    holder = request.COOKIES.get(_holder_cookie(), "")
    kept = str(request.get_signed_cookie(_cookie(number), default="", salt=SALT + holder)) if holder else ""
    opened, _dot, over = kept.partition(".")
    return opened == number and time.time() < int(over)


def _new_holder(request: HttpRequest) -> str:
    """The same for two requests of one session, for either may be answered first."""
    key = request.session.session_key
    return salted_hmac(SALT, key, algorithm="sha256").hexdigest() if key else secrets.token_hex(32)


def _is_customer(request: HttpRequest, order: Order) -> bool:
    """A guest's order is nobody's: all guests share one reference."""
    return request.user.is_authenticated and order.customer == reference(request.user)


def _cookie(number: str) -> str:
    return f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}order-{number}"


def _holder_cookie() -> str:
    return f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}orders"
