"""The one door to what is kept twice, for the sake of quick lists: a product's card prices and its search entry."""

import time
from collections.abc import Callable, Iterable

from django.db import transaction

from shop.catalogue import card_prices
from shop.catalogue.models import Product, SearchEntry
from shop.catalogue.search import entries, spelling
from shop.catalogue.search.dialects import dialect

BATCH = 20  # products a transaction: on SQLite all other writers wait for it
Track = Callable[[list[int]], Iterable[int]]


def renew(products: Iterable[int]) -> None:
    """Called in the transaction that changed the products, their variants, options or categories; refuses to run
    without one. Prices that `shop.catalogue.pricing` sets are renewed there."""
    keys = sorted(products)
    card_prices.renew(keys)
    entries.renew(keys)


def rebuild(track: Track = iter) -> int:
    """Everything anew, after the catalogue was changed past its doors. How many products the search knows.

    In short transactions: the shop sells and its staff save meanwhile, and nobody's change is lost.
    """
    keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    used: set[str] = set()
    batch: list[int] = []
    for key in track(keys):
        batch.append(key)
        if len(batch) == BATCH or key == keys[-1]:
            used |= _rebuild_batch(batch)
            batch = []
    spelling.forget_all_but(used, entries.is_found)
    return SearchEntry.objects.count()


def _rebuild_batch(keys: list[int]) -> set[str]:
    with transaction.atomic():
        card_prices.renew(keys)
        words = entries.renew(keys)
    time.sleep(dialect().pause)
    return words
