"""The filters that are set, each with the address of the same list without it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from shop.catalogue.listing.filters import Filters
from shop.catalogue.money import written

ALWAYS_KEPT = ("q", "sort")


@dataclass(frozen=True)
class Chip:
    words: str
    url: str


def chips(filters: Filters, asked: QueryDict) -> tuple[Chip, ...]:
    return tuple(_chips(filters, asked))


def _chips(filters: Filters, asked: QueryDict) -> Iterator[Chip]:
    currency = settings.SHOP_CURRENCY
    if filters.price_from is not None:
        words = _("from %(price)s") % {"price": written(filters.price_from, currency)}
        yield Chip(words, _without(asked, "price_from"))
    if filters.price_to is not None:
        words = _("up to %(price)s") % {"price": written(filters.price_to, currency)}
        yield Chip(words, _without(asked, "price_to"))
    if filters.in_stock:
        yield Chip(_("In stock"), _without(asked, "in_stock"))
    for value in filters.values:
        yield Chip(value.local_name, _without(asked, value.option.slug, value.slug))


def cleared(asked: QueryDict) -> str:
    """The address of the list without any filter."""
    kept = QueryDict(mutable=True)
    for name in ALWAYS_KEPT:
        if name in asked:
            kept[name] = asked.get(name, "")
    return f"?{kept.urlencode()}"


def tidy(asked: QueryDict) -> str:
    """The address with nothing empty in it, as a form leaves it behind."""
    kept = QueryDict(mutable=True)
    for name, texts in asked.lists():
        if any(texts):
            kept.setlist(name, [text for text in texts if text])
    return f"?{kept.urlencode()}"


def _without(asked: QueryDict, name: str, value: str = "") -> str:
    """All of the name, or only this value of it; and from the first page again."""
    kept = asked.copy()
    kept.pop("page", None)
    kept.setlist(name, [text for text in asked.getlist(name) if value and text != value])
    return f"?{kept.urlencode()}"
