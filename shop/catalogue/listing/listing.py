"""A list of goods as a page shows it: what was asked, what there is, and one page of cards."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict

from shop.catalogue.cards import Card, cards
from shop.catalogue.listing import chips
from shop.catalogue.listing.facets import Facet, facets, known_values
from shop.catalogue.listing.goods import Found, OnShelves
from shop.catalogue.listing.reading import BEST, SORTS, SORTS_FOUND, read
from shop.catalogue.models import Product

CARDS_A_PAGE = 24
ORDERS: dict[str, list[str | OrderBy]] = {
    "newest": ["-pk"],
    "price": [F("price_from").asc(nulls_last=True), "pk"],
    "-price": [F("price_from").desc(nulls_last=True), "-pk"],
    "title": ["title", "pk"],
}


class Listing:
    """`goods` narrowed, sorted and cut as `asked`. Read lazily, in at most five queries however many there are."""

    def __init__(self, goods: OnShelves | Found, asked: QueryDict) -> None:
        self._goods, self._asked = goods, asked
        self.sorts = SORTS if goods.ranked is None else SORTS_FOUND
        self._known = known_values()
        self.filters = read(asked, self._known, list(self.sorts))

    @cached_property
    def page(self) -> Page[Card]:
        found: Any = _Cards(self._keys())
        return Paginator(found, CARDS_A_PAGE).get_page(self._asked.get("page"))

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        return facets(self._goods, self.filters, self._known)

    @property
    def chips(self) -> list[chips.Chip]:
        return chips.chips(self.filters, self._asked)

    @property
    def cleared(self) -> str:
        return chips.cleared(self._asked)

    @property
    def tidy(self) -> str:
        return chips.tidy(self._asked)

    def _keys(self) -> "list[int] | QuerySet[Product, int]":
        if self.filters.sort == BEST and not self.filters.count:
            return list(self._goods.ranked or ())
        narrowed = self.filters.applied_to(self._goods.products)
        if self.filters.sort == BEST:
            left = set(narrowed.values_list("pk", flat=True))
            return [key for key in self._goods.ranked or () if key in left]
        return narrowed.order_by(*ORDERS[self.filters.sort]).values_list("pk", flat=True)


class _Cards:
    """The keys of a whole list, of which a paginator takes a slice: only those become cards."""

    def __init__(self, keys: "list[int] | QuerySet[Product, int]") -> None:
        self._keys = keys

    def __len__(self) -> int:
        return self._keys.count() if isinstance(self._keys, QuerySet) else len(self._keys)

    def __getitem__(self, cut: slice) -> list[Card]:
        return cards(list(self._keys[cut]))
