"""How many are left. Read with each page: the stock is of no edition."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from shop.catalogue.models import Stock
from shop.catalogue.prepared import Prepared


@dataclass(frozen=True)
class Left:
    """Pieces by key; 0 for whatever keeps no stock."""

    of_product: Mapping[int, int]
    of_variant: Mapping[int, int]


def left_of(products: Sequence[int]) -> Left:
    """Of these products and their variants, what can be sold; one query."""
    of_product: dict[int, int] = defaultdict(int)
    of_variant: dict[int, int] = defaultdict(int)
    for product, variant, pieces in _rows(products):
        of_product[product] += pieces
        of_variant[variant] = pieces
    return Left(of_product, of_variant)


@Prepared
def _rows(products: Sequence[int]) -> QuerySet[Stock, tuple[int, int, int]]:
    pieces = F("on_hand") - F("reserved")
    return Stock.objects.filter(variant__product__in=products).values_list("variant__product", "variant", pieces)
