"""What else a list could be narrowed to, with the number of products that would be left."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from shop.catalogue.listing.filters import Filters, Having, having
from shop.catalogue.listing.goods import Counts, Found, OnShelves, counted
from shop.catalogue.models import Option, OptionValue, Variant
from shop.catalogue.prepared import Prepared

VALUE_COLUMNS = [field.attname for field in OptionValue._meta.concrete_fields]
OPTION_COLUMNS = [field.attname for field in Option._meta.concrete_fields]


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


def known_values() -> list[OptionValue]:
    """Every option value of the shop, those of one option together, in their order; one query."""
    return _values(tuple(_known_rows()))


@Prepared
def _known_rows() -> QuerySet[OptionValue, tuple[Any, ...]]:
    option = [f"option__{column}" for column in OPTION_COLUMNS]
    return OptionValue.objects.values_list(*VALUE_COLUMNS, *option)


@lru_cache(8)
def _values(rows: tuple[tuple[Any, ...], ...]) -> list[OptionValue]:
    """Of the same rows the same values, for reading alone: each list asks for them."""
    known = []
    for row in rows:
        value = OptionValue.from_db(None, VALUE_COLUMNS, row[: len(VALUE_COLUMNS)])
        value.option = Option.from_db(None, OPTION_COLUMNS, row[len(VALUE_COLUMNS) :])
        known.append(value)
    return known


def facets(goods: OnShelves | Found, filters: Filters, known: Sequence[OptionValue]) -> tuple[Facet, ...]:
    """The options that the list's products have, as plain values. Each counts as if nothing of its own were chosen,
    for a second value of it adds products; one query, none in a shop without options."""
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
