"""What a list is made of before anything narrows it: the goods of some shelves, or those that a search found."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from shop.catalogue.listing.filters import Having
from shop.catalogue.models import Product
from shop.catalogue.querysets import ProductQuerySet

Counts = dict[int, int]  # products by option value
Rows = QuerySet[Any, tuple[Any, ...]]


@dataclass(frozen=True)
class OnShelves:
    """All that stands in these categories."""

    categories: tuple[int, ...]
    ranked = None

    @property
    def products(self) -> ProductQuerySet:
        return Product.objects.published().filter(category__in=self.categories)

    def counts(self) -> Counts:
        mine = {"variant__product__published": True, "variant__product__category__in": self.categories}
        return dict(counted(Having.objects.filter(**mine)))


@dataclass(frozen=True)
class Found:
    """The products with these keys, the best first; a search knows the published ones only."""

    ranked: tuple[int, ...]

    @property
    def products(self) -> ProductQuerySet:
        return Product.objects.published().filter(pk__in=self.ranked)

    def counts(self) -> Counts:
        return dict(counted(Having.objects.filter(variant__product__in=self.ranked)))


def counted(rows: Any) -> Rows:
    """Pairs: an option value, and how many products have it."""
    products: Rows = rows.order_by().values_list("optionvalue").annotate(Count("variant__product", distinct=True))
    return products
