"""All that the catalogue says of one product, read once in an edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from shop.catalogue import showcase
from shop.catalogue.models import OptionValue, Picture, Product, Variant
from shop.catalogue.prepared import Prepared

MOST_KEPT = 2000  # of some 10 kB each


@dataclass(frozen=True)
class Thing:
    """For reading alone: all pages share it. `beside` are keys of products that go with it."""

    product: Product
    variants: Sequence[Variant]
    pictures: Sequence[Picture]
    beside: Sequence[int]


@lru_cache(MOST_KEPT)
def thing_named(_edition: int, slug: str) -> Thing | None:
    """By its slug; None if there is no such product. Five queries, none if somebody has asked in this edition."""
    product = next(iter(_named(slug)), None)
    if product is None:
        return None
    variants = _variants(product.pk)
    prefetch_related_objects(variants, Prefetch("values", OptionValue.objects.select_related("option")))
    return Thing(product, tuple(variants), tuple(_pictures(product.pk)), tuple(showcase.related(product)))


@Prepared
def _named(slug: str) -> QuerySet[Product]:
    return Product.objects.filter(slug=slug).select_related("category", "cover", "search_entry")


@Prepared
def _variants(product: int) -> QuerySet[Variant]:
    return Variant.objects.filter(product=product).select_related("picture").order_by("position", "pk")


@Prepared
def _pictures(product: int) -> QuerySet[Picture]:
    return Picture.objects.filter(product=product)
