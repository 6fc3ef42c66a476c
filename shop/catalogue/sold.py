"""What can be bought at this moment: the variants of published products."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from shop.catalogue.cards import FEW
from shop.catalogue.models import Variant
from shop.catalogue.pieces import left_of
from shop.catalogue.prepared import Prepared
from shop.catalogue.remembered import Remembered

MOST_KEPT = 5_000  # of some 5 kB each


@dataclass(frozen=True)
class SoldVariant:
    """A variant, and how many pieces of it there are at this moment."""

    variant: Variant
    available: int

    @property
    def few_left(self) -> int:
        """So many as are told; beyond FEW it is simply in stock."""
        return min(self.available, FEW + 1)


def sold(edition: int, skus: Sequence[str]) -> dict[str, SoldVariant]:
    """By sku, those that are sold, each with its product, for reading alone; one query for the stock, and one more for
    those that nobody has named in this edition."""
    variants = _variants(edition, skus)
    left = left_of([variant.pk for variant in variants.values()])
    return {sku: SoldVariant(variant, left.get(variant.pk, 0)) for sku, variant in variants.items()}


def _read(skus: Sequence[str]) -> dict[str, Variant]:
    return {variant.sku: variant for variant in _published(skus)}


@Prepared
def _published(skus: Sequence[str]) -> QuerySet[Variant]:
    there = Variant.objects.filter(product__published=True, sku__in=skus)
    return there.select_related("product__category", "product__cover")


_variants = Remembered(MOST_KEPT, _read)
