"""A list of goods as a page shows it: what was asked, what there is, and one page of cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.translation import get_language

from shop.catalogue.cards import Card, cards
from shop.catalogue.listing import chips
from shop.catalogue.listing.facets import Facet, facets, known_values
from shop.catalogue.listing.filters import Filters
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


@dataclass(frozen=True)
class Shown:
    """All that the list's part of a page says, as plain values. `back` and `more` are queries, empty at the ends."""

    sorts: tuple[tuple[str, str], ...]
    filters: Filters
    facets: tuple[Facet, ...]
    chips: tuple[chips.Chip, ...]
    cleared: str
    cards: tuple[Card, ...]
    count: int
    number: int
    last: int
    back: str
    more: str


class Listing:
    """`goods` narrowed, sorted and cut as `asked`. Read lazily: one query, and a few more once in an edition."""

    def __init__(self, edition: int, goods: OnShelves | Found, asked: QueryDict) -> None:
        self._edition, self._goods, self._asked = edition, goods, asked
        self.sorts = SORTS if goods.ranked is None else SORTS_FOUND
        self.filters = read(asked, known_values(edition), list(self.sorts))

    @cached_property
    def page(self) -> Page[Card]:
        keys = self._lasting(_page)(self._edition, self._goods, self.filters, self._asked.get("page", "1"))
        shown: Any = cards(self._edition, keys.object_list)
        return Page(shown, keys.number, keys.paginator)

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        found: tuple[Facet, ...] = self._lasting(facets)(self._edition, get_language(), self._goods, self.filters)
        return found

    @property
    def shown(self) -> Shown:
        page = self.page
        return Shown(
            sorts=tuple((name, str(label)) for name, label in self.sorts.items()),
            filters=self.filters,
            facets=self.facets,
            chips=chips.chips(self.filters, self._asked),
            cleared=chips.cleared(self._asked),
            cards=tuple(page.object_list),
            count=page.paginator.count,
            number=page.number,
            last=page.paginator.num_pages,
            back=self._turned(page.number - 1) if page.has_previous() else "",
            more=self._turned(page.number + 1) if page.has_next() else "",
        )

    @property
    def tidy(self) -> str:
        return chips.tidy(self._asked)

    def _turned(self, number: int) -> str:
        asked = self._asked.copy()
        asked["page"] = str(number)
        return f"?{asked.urlencode()}"

    def _lasting(self, read: Any) -> Any:
        """What is in stock holds for no edition, so a list of that is remembered by nobody."""
        return read.__wrapped__ if self.filters.in_stock else read


@lru_cache(1024)
def _page(_edition: int, goods: OnShelves | Found, filters: Filters, number: str) -> Page[int]:
    keys: Any = _keys(goods, filters)
    page = Paginator(keys, CARDS_A_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    return page


def _keys(goods: OnShelves | Found, filters: Filters) -> "Sequence[int] | QuerySet[Product, int]":
    if filters.sort == BEST and not filters.count:
        return goods.ranked or ()
    narrowed = filters.applied_to(goods.products)
    if filters.sort == BEST:
        left = set(narrowed.values_list("pk", flat=True))
        return [key for key in goods.ranked or () if key in left]
    return narrowed.order_by(*ORDERS[filters.sort]).values_list("pk", flat=True)
