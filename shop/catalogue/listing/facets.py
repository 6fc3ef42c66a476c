"""What else a list could be narrowed to, with the number of products that would be left."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q

from shop.catalogue.listing.filters import Filters, Having, having
from shop.catalogue.models import Option, OptionValue, Variant
from shop.catalogue.querysets import ProductQuerySet


@dataclass(frozen=True)
class Choice:
    value: OptionValue
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    option: Option
    choices: list[Choice]


def known_values() -> list[OptionValue]:
    """Every option value of the shop, those of one option together, in their order; one query."""
    return list(OptionValue.objects.select_related("option"))


def facets(products: ProductQuerySet, filters: Filters, known: Sequence[OptionValue]) -> list[Facet]:
    """The options that differ among the list's products. Each counts as if nothing of its own were chosen, for a
    second value of it adds products; one query, none in a shop without options."""
    counts = _counts(products, filters) if known else {}
    choices = [Choice(value, counts.get(value.pk, 0), value in filters.values) for value in known]
    offered = groupby((choice for choice in choices if choice.count or choice.chosen), lambda c: c.value.option)
    return [Facet(option, list(several)) for option, several in offered]


def _counts(products: ProductQuerySet, filters: Filters) -> dict[int, int]:
    rows = Having.objects.filter(variant__product__in=products)
    if conditions := filters.variant_conditions():
        rows = rows.filter(Exists(Variant.objects.filter(*conditions, pk=OuterRef("variant")).order_by()))
    for option, values in filters.chosen.items():
        rows = rows.filter(Q(optionvalue__option=option) | having(values, OuterRef("variant")))
    return dict(rows.order_by().values_list("optionvalue").annotate(Count("variant__product", distinct=True)))
