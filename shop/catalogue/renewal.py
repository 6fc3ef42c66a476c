"""The one door to what is kept twice, for the sake of quick lists: a product's card prices and its search entry."""

from collections.abc import Iterable

from django.db import transaction

from shop.catalogue import card_prices
from shop.catalogue.models import Product
from shop.catalogue.search import entries


def renew(products: Iterable[int]) -> None:
    """Called in the transaction that changed the products, their variants, options or categories; refuses to run
    without one. Prices that `shop.catalogue.pricing` sets are renewed there."""
    keys = sorted(products)
    card_prices.renew(keys)
    entries.renew(keys)


@transaction.atomic
def rebuild(track: entries.Track = iter) -> int:
    """Everything anew, after the catalogue was changed past its doors. How many products the search knows."""
    card_prices.renew(Product.objects.values_list("pk", flat=True))
    return entries.rebuild(track)
