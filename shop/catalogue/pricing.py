"""The one door to a variant's prices: their history is written in the transaction of the change."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from shop.catalogue import card_prices
from shop.catalogue.models import PricePoint, Variant

LOOKBACK = timedelta(days=30)


@transaction.atomic
def set_price(variant: Variant, price: Decimal, regular_price: Decimal | None = None, *, now: datetime) -> bool:
    """From `now` on it costs `price`; reduced when `regular_price` is above it. False if that is what it costs already.

    Concurrent changes wait for each other, and each finds the other's price in the history. Raises IntegrityError
    for a regular price below the price. `variant` is brought up to date.
    """
    # The locks come first, the product's before the variant's as in the admin: the history and the product's other
    # prices are read after the change that we waited for.
    card_prices.lock([variant.product_id])
    held = Variant.objects.select_for_update().get(pk=variant.pk)
    last = PricePoint.objects.filter(variant=held).order_by("-at", "-pk").first()
    news = last is None or (held.price, held.regular_price) != (price, regular_price)
    if news:
        _change(held, price, regular_price, max(now, last.at) if last else now)
    variant.refresh_from_db(fields=["price", "regular_price", "lowest_price_30_days"])
    return news


def _change(variant: Variant, price: Decimal, regular_price: Decimal | None, at: datetime) -> None:
    reduced = regular_price is not None and price < regular_price
    lowest = _lowest_before(variant, at) if reduced else None
    Variant.objects.filter(pk=variant.pk).update(price=price, regular_price=regular_price, lowest_price_30_days=lowest)
    PricePoint.objects.create(variant=variant, price=price, at=at)
    card_prices.renew([variant.product_id])


def _lowest_before(variant: Variant, at: datetime) -> Decimal | None:
    """The lowest price of the last 30 days, the one in force when they began included; None if none is known."""
    past = PricePoint.objects.filter(variant=variant).order_by("-at", "-pk")
    since = past.filter(at__gt=at - LOOKBACK).values_list("price", flat=True)
    at_first = past.filter(at__lte=at - LOOKBACK).values_list("price", flat=True)[:1]
    return min([*since, *at_first], default=None)
