"""All that the catalogue says of one product, read once in an edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Prefetch

from shop.catalogue import showcase
from shop.catalogue.models import OptionValue, Picture, Product, Variant

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
    product = Product.objects.select_related("category", "cover", "search_entry").filter(slug=slug).first()
    if product is None:
        return None
    variants = product.variants.order_by("position", "pk").select_related("picture")
    variants = variants.prefetch_related(Prefetch("values", OptionValue.objects.select_related("option")))
    return Thing(product, tuple(variants), tuple(product.pictures.all()), tuple(showcase.related(product)))
