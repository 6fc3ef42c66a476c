"""What else a list could be narrowed to, with the number of products that would be left."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q

from shop.catalogue.listing.filters import Filters, Having, having
from shop.catalogue.models import OptionValue, Variant
from shop.catalogue.querysets import ProductQuerySet


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
    return list(OptionValue.objects.select_related("option"))


def facets(products: ProductQuerySet, filters: Filters, known: Sequence[OptionValue]) -> tuple[Facet, ...]:
    """The options that the list's products have, as plain values. Each counts as if nothing of its own were chosen,
    for a second value of it adds products; one query, none in a shop without options."""
    counts = _counts(products, filters) if known else {}
    offered = [value for value in known if value.pk in counts or value in filters.values]
    return tuple(
        Facet(option.slug, option.local_name, tuple(_choice(value, counts, filters) for value in values))
        for option, values in groupby(offered, key=lambda value: value.option)
    )


def _choice(value: OptionValue, counts: dict[int, int], filters: Filters) -> Choice:
    return Choice(value.pk, value.slug, value.local_name, counts.get(value.pk, 0), value in filters.values)


def _counts(products: ProductQuerySet, filters: Filters) -> dict[int, int]:
    rows = Having.objects.filter(variant__product__in=products)
    if conditions := filters.variant_conditions():
        rows = rows.filter(Exists(Variant.objects.filter(*conditions, pk=OuterRef("variant")).order_by()))
    for option, values in filters.chosen.items():
        rows = rows.filter(Q(optionvalue__option=option) | having(values, OuterRef("variant")))
    return dict(rows.order_by().values_list("optionvalue").annotate(Count("variant__product", distinct=True)))
