"""What else a list could be narrowed to, with the number of products that would be left."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.db.models import Exists, OuterRef, Q

from shop.catalogue.listing.filters import Filters, Having, having
from shop.catalogue.listing.goods import Counts, Found, OnShelves, counted
from shop.catalogue.models import OptionValue, Variant


@dataclass(frozen=True)
class Choice:
    key: int
    slug: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    slug: str
    name: str
    choices: tuple[Choice, ...]


@lru_cache(4)
def known_values(_edition: int) -> tuple[OptionValue, ...]:
    """Every option value of the shop, those of one option together, in their order; one query."""
    return tuple(OptionValue.objects.select_related("option"))


@lru_cache(1024)
def facets(edition: int, _language: str, goods: OnShelves | Found, filters: Filters) -> tuple[Facet, ...]:
    """The options that the list's products have, as plain values. Each counts as if nothing of its own were chosen,
    for a second value of it adds products; one query, none in a shop without options."""
    known = known_values(edition)
    counts = _counts(goods, filters) if known else {}
    offered = [value for value in known if value.pk in counts or value in filters.values]
    return tuple(
        Facet(option.slug, option.local_name, tuple(_choice(value, counts, filters) for value in values))
        for option, values in groupby(offered, key=lambda value: value.option)
    )


def _choice(value: OptionValue, counts: dict[int, int], filters: Filters) -> Choice:
    return Choice(value.pk, value.slug, value.local_name, counts.get(value.pk, 0), value in filters.values)


def _counts(goods: OnShelves | Found, filters: Filters) -> Counts:
    if not filters.count:
        return goods.counts()
    rows = Having.objects.filter(variant__product__in=goods.products)
    if conditions := filters.variant_conditions():
        rows = rows.filter(Exists(Variant.objects.filter(*conditions, pk=OuterRef("variant")).order_by()))
    for option, values in filters.chosen.items():
        rows = rows.filter(Q(optionvalue__option=option) | having(values, OuterRef("variant")))
    return dict(counted(rows))
