"""What the head of each page says to search engines and to whoever is sent a link.

A page that is not in HEADS is nobody's to find: it is kept out of the engines' lists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.catalogue.cards import Card
from shop.catalogue.models import Category, Picture, Product
from shop.checkout.shipping import rates_of
from shop.findable import structured
from shop.findable.addresses import absolute, numbered

DESCRIPTION_LENGTH = 155
MOST_KEPT = 2000  # of 2 kB each
Context = Mapping[str, Any]
Path = tuple[Category, ...]


@dataclass(frozen=True)
class Sight:
    """The picture that goes with a link."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Head:
    """`canonical` is the page's one address, `things` what it tells in the words of schema.org, as JSON."""

    title: str
    description: str
    canonical: str
    picture: Sight | None = None
    og_type: str = "website"
    things: tuple[str, ...] = ()


def head_of(name: str, context: Context) -> Head | None:
    """Of the page that the address `name` shows with this context; none if it is not to be found."""
    return HEADS[name](context) if name in HEADS else None


def _home(context: Context) -> Head:
    words = _(
        "Good things, chosen with care. Order without an account, and follow your parcel all the way to your door."
    )
    things = (structured.written(structured.organization()), structured.written(structured.website()))
    window = context["window"]
    return Head(settings.SHOP_NAME, words, absolute("/"), _first([*window.on_sale, *window.new]), things=things)


def _category(context: Context) -> Head | None:
    shelf, page = context.get("category"), context.get("page")
    if not isinstance(shelf, Category) or page is None:
        return None
    first = next((card for card in page if card.file), None)
    about = (shelf, context["trail"], page.number, page.paginator.count, first)
    return _category_head(context["edition"](), get_language(), *about)


@lru_cache(MOST_KEPT)
def _category_head(
    _edition: int, _language: str, shelf: Category, trail: Path, number: int, count: int, first: Card | None
) -> Head:
    words = shelf.local_description or _("%(title)s from %(shop)s: %(count)s things, chosen with care.") % {
        "title": shelf.local_title,
        "shop": settings.SHOP_NAME,
        "count": count,
    }
    canonical, picture = numbered(shelf.get_absolute_url(), number), _first([first] if first else [])
    things = (structured.written(structured.breadcrumbs([*trail, shelf])),)
    return Head(shelf.local_title, _short(words), canonical, picture, things=things)


def _product(context: Context) -> Head | None:
    shown, trail = context.get("product"), context.get("trail", ())
    if not isinstance(shown, Product):
        return None
    variants = tuple(context["choice"].variants) if "choice" in context else ()  # none of what is no longer sold
    there = tuple((sold.variant, sold.available > 0) for sold in variants)
    return _product_head(context["edition"](), get_language(), shown, trail, there)


@lru_cache(MOST_KEPT)
def _product_head(edition: int, _language: str, shown: Product, trail: Path, variants: structured.Pieces) -> Head:
    words = shown.local_description or _("%(title)s from %(shop)s, on the shelf %(shelf)s.") % {
        "title": shown.local_title,
        "shop": settings.SHOP_NAME,
        "shelf": shown.category.local_title,
    }
    things = [structured.sold(shown, variants, rates_of(edition))] if variants else []
    things.append(structured.breadcrumbs(trail or [shown.category], shown))
    canonical, told = absolute(shown.get_absolute_url()), tuple(structured.written(thing) for thing in things)
    picture = _sight(shown.cover, shown.local_title)
    return Head(shown.local_title, _short(words), canonical, picture, og_type="product", things=told)


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


def _first(cards: Iterable[Card]) -> Sight | None:
    return next((_sight(card.cover, card.title) for card in cards if card.cover), None)


def _sight(picture: Picture | None, title: str) -> Sight | None:
    if picture is None:
        return None
    return Sight(absolute(picture.largest_url), picture.width, picture.height, picture.local_alt or title)
