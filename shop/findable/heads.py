"""What the head of each page says to search engines and to whoever is sent a link.

A page that is not in HEADS is nobody's to find: it is kept out of the engines' lists.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from shop.catalogue.models import Category, Picture, Product
from shop.findable import structured
from shop.findable.addresses import absolute, numbered

DESCRIPTION_LENGTH = 155
Context = Mapping[str, Any]


@dataclass(frozen=True)
class Head:
    """`canonical` is the page's one address, `things` what it tells in the words of schema.org."""

    title: str
    description: str
    canonical: str
    picture: Picture | None = None
    og_type: str = "website"
    things: list[structured.Thing] = field(default_factory=list)


def head_of(name: str, context: Context) -> Head | None:
    """Of the page that the address `name` shows with this context; none if it is not to be found."""
    return HEADS[name](context) if name in HEADS else None


def _home(context: Context) -> Head:
    words = _(
        "Good things, chosen with care. Order without an account, and follow your parcel all the way to your door."
    )
    things = [structured.organization(), structured.website()]
    return Head(settings.SHOP_NAME, words, absolute("/"), _first_cover(context.get("products")), things=things)


def _category(context: Context) -> Head | None:
    shelf, page = context.get("category"), context.get("page")
    if not isinstance(shelf, Category) or page is None:
        return None
    words = shelf.local_description or _("%(title)s from %(shop)s: %(count)s things, chosen with care.") % {
        "title": shelf.local_title,
        "shop": settings.SHOP_NAME,
        "count": page.paginator.count,
    }
    canonical = numbered(shelf.get_absolute_url(), page.number)
    things = [structured.breadcrumbs(context["tree"].path(shelf.pk) or [shelf])]
    return Head(shelf.local_title, _short(words), canonical, _first_cover(page), things=things)


def _product(context: Context) -> Head | None:
    shown = context.get("product")
    if not isinstance(shown, Product):
        return None
    words = shown.local_description or _("%(title)s from %(shop)s, on the shelf %(shelf)s.") % {
        "title": shown.local_title,
        "shop": settings.SHOP_NAME,
        "shelf": shown.category.local_title,
    }
    variants = context["choice"].variants if "choice" in context else []  # none of what is no longer sold
    things = [structured.sold(shown, variants, context.get("shipping_rates", ()))] if variants else []
    things.append(structured.breadcrumbs(context["tree"].path(shown.category_id) or [shown.category], shown))
    canonical = absolute(shown.get_absolute_url())
    return Head(shown.local_title, _short(words), canonical, shown.cover, og_type="product", things=things)


def _cart(context: Context) -> Head:
    return Head(_("Cart"), _("What you have chosen, and what it costs with everything."), absolute("/cart/"))


def _checkout(context: Context) -> Head:
    return Head(_("Checkout"), _("Where it shall go, how, and how it is paid."), absolute("/checkout/"))


HEADS: dict[str, Callable[[Context], Head | None]] = {
    "home": _home,
    "category": _category,
    "product": _product,
    "cart": _cart,
    "checkout": _checkout,
}


def _short(words: str) -> str:
    return Truncator(" ".join(words.split())).chars(DESCRIPTION_LENGTH)


def _first_cover(products: Any) -> Picture | None:
    return next((product.cover for product in products or () if product.cover), None)
