"""A guest logs in: what he put in the cart comes along, and he is told what changed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from shop.cart.cart import SESSION_KEY
from shop.cart.models import KeptLine
from shop.customers.identity import reference


def bring_guest_cart(request: HttpRequest, user: AbstractBaseUser, **_signal: Any) -> None:
    """Hears Django's `user_logged_in`. Of a thing in both carts the larger quantity stays: nothing is doubled."""
    holder = reference(user)
    own = {line.sku: line.quantity for line in KeptLine.objects.of(holder)}
    if _bring_all(request, holder) and own:
        _tell(request, holder, own)


def bring_late_lines(request: HttpRequest) -> None:
    """What another tab put into the guest's cart while its owner was logging in: it came after the merging."""
    if request.user.is_authenticated and SESSION_KEY in request.session:
        _bring_all(request, reference(request.user))
        del request.session[SESSION_KEY]


def _bring_all(request: HttpRequest, holder: str) -> bool:
    """Whether there was anything. The guest's key stays in the session until the customer looks at his cart."""
    guest = str(request.session.get(SESSION_KEY, ""))
    brought = list(KeptLine.objects.of(guest)) if guest else []
    for line in brought:
        _bring(line, holder)
    return bool(brought)


def _bring(line: KeptLine, holder: str) -> None:
    try:
        with transaction.atomic():
            KeptLine.objects.filter(pk=line.pk).update(holder=holder)
    except IntegrityError:  # the customer has it already
        held = KeptLine.objects.of(holder).filter(sku=line.sku)
        held.filter(quantity__lt=line.quantity).update(quantity=line.quantity, seen_price=line.seen_price)
        KeptLine.objects.filter(pk=line.pk).delete()


def _tell(request: HttpRequest, holder: str, own: dict[str, int]) -> None:
    """Names what lay in the customer's cart from before, and what became more."""
    kept = list(KeptLine.objects.of(holder))
    back = [line.title for line in kept if own.get(line.sku) == line.quantity]
    more = [f"{line.quantity} × {line.title}" for line in kept if own.get(line.sku, line.quantity) < line.quantity]
    if back:
        text = _("From your last visit, also in your cart: %(titles)s.") % {"titles": ", ".join(back)}
        messages.info(request, text, fail_silently=True)  # a log-in outside a page has nobody to tell
    if more:
        text = _("You had put in more just now than last time. Your cart holds: %(titles)s.")
        messages.info(request, text % {"titles": ", ".join(more)}, fail_silently=True)
