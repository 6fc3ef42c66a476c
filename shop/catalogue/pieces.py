"""How many are left. Read with each page: the stock is of no edition."""

from collections.abc import Sequence

from django.db.models import F, QuerySet

from shop.catalogue.models import Stock
from shop.catalogue.prepared import Prepared


def left_of(variants: Sequence[int]) -> dict[int, int]:
    """Of these variants, what can be sold, by key; nothing is said of one that keeps no stock. One query, by keys
    alone: beside a join the planner walks the whole stock for a page of goods."""
    return dict(_rows(variants))


@Prepared
def _rows(variants: Sequence[int]) -> QuerySet[Stock, tuple[int, int]]:
    return Stock.objects.filter(pk__in=variants).values_list("pk", F("on_hand") - F("reserved"))
