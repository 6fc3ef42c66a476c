"""What the shop says after a change of the cart."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.cart.cart import Change


def tell(request: HttpRequest, change: Change) -> None:
    """Leaves a message: what was asked for, what the cart now holds, and why if the two differ."""
    if change.asked == 0:
        messages.info(request, _("%(title)s is out of your cart.") % _names(change))
    elif change.available <= 0:
        messages.warning(request, _("%(title)s is sold out. Your cart is as it was.") % _names(change))
    elif change.held < change.asked:
        messages.warning(request, _capped(change))
    else:
        messages.success(request, _("In your cart: %(held)d × %(title)s.") % _names(change))


def tell_gone(request: HttpRequest, titles: list[str]) -> None:
    """Says which things the cart page took out because they are no longer sold."""
    if titles:
        text = _("No longer sold, and so no longer in your cart: %(titles)s.") % {"titles": ", ".join(titles)}
        messages.warning(request, text)


def _capped(change: Change) -> str:
    words = ngettext(
        "Only %(available)d of %(title)s is left, and your cart now holds it.",
        "Only %(available)d of %(title)s are left, and your cart now holds them all.",
        change.available,
    )
    return words % _names(change)


def _names(change: Change) -> dict[str, object]:
    return {"title": change.variant.full_title, "held": change.held, "available": change.available}
