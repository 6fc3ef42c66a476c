"""A list's address read as filters. Nothing in it names a column, and what is not understood is left out in words."""

import re
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.catalogue.listing.filters import Filters
from shop.catalogue.models import OptionValue
from shop.catalogue.money import rounded

BEST, NEWEST = "best", "newest"
SORTS = {
    NEWEST: gettext_lazy("Newest first"),
    "price": gettext_lazy("Lowest price first"),
    "-price": gettext_lazy("Highest price first"),
    "title": gettext_lazy("A to Z"),
}
SORTS_FOUND = {BEST: gettext_lazy("Best match first"), **SORTS}
PRICE = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?")


def read(asked: QueryDict, known: Sequence[OptionValue], sorts: Sequence[str]) -> Filters:
    """The filters that `asked` names, among the shop's `known` option values; the first of `sorts` unless it chooses.

    A price that is none is complained about and left out; from and to the wrong way round are turned.
    """
    low, high = _price(asked.get("price_from", "")), _price(asked.get("price_to", ""))
    complaints = [
        _("“%s” is no price that we can read, so the list leaves it out. Write it like this: 12.50") % text[:20]
        for text, price in [(asked.get("price_from", ""), low), (asked.get("price_to", ""), high)]
        if text.strip() and price is None
    ]
    if low is not None and high is not None and low > high:
        low, high = high, low
    wish = asked.get("sort", "")
    return Filters(
        sort=wish if wish in sorts else sorts[0],
        price_from=low,
        price_to=high,
        in_stock=asked.get("in_stock") == "1",
        values=tuple(value for value in known if value.slug in asked.getlist(value.option.slug)),
        complaints=tuple(complaints),
    )


def _price(text: str) -> Decimal | None:
    match = PRICE.fullmatch(text.strip())
    return rounded(Decimal(f"{match[1]}.{match[2] or 0}"), settings.SHOP_CURRENCY) if match else None
