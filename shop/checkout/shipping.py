"""Which ways of delivery there are for a country and a weight, and what they cost. No rate at all: delivery is free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from django.conf import settings

from shop.catalogue.money import rounded
from shop.checkout.models import ShippingMethod, ShippingRate


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A way of delivery for one cart, at its price in the shop's currency; free for goods worth `free_from`."""

    code: str
    title: str
    days_min: int
    days_max: int
    tax_class: str
    price: Decimal
    free_from: Decimal | None = None


def read_rates() -> list[ShippingRate]:
    """Every rate with its method, the methods in their order; one query."""
    return list(ShippingRate.objects.select_related("method").order_by("method__position", "method_id", "pk"))


@lru_cache(4)
def rates_of(_edition: int) -> list[ShippingRate]:
    """The same for whoever only shows them: read once in an edition of the shop."""
    return read_rates()


def offers(rates: Iterable[ShippingRate], *, country: str, weight_g: int, subtotal: Decimal) -> list[Offer]:
    """What of `rates`, as `read_rates` gave them, carries this weight to this country."""
    offered = []
    for method, its_rates in groupby(rates, key=lambda rate: rate.method):
        rate = _fitting(_for_country(list(its_rates), country), weight_g)
        if rate and method.active:
            offered.append(_offer(method, rate, subtotal))
    return offered


def _for_country(rates: Sequence[ShippingRate], country: str) -> list[ShippingRate]:
    """The rates that name the country; if none does, those that name no country."""
    named = [rate for rate in rates if country in {place.code for place in rate.countries}]
    return named or [rate for rate in rates if not rate.countries]


def _fitting(rates: Sequence[ShippingRate], weight_g: int) -> ShippingRate | None:
    """The rate of the least limit that the weight keeps to."""
    fitting = [rate for rate in rates if rate.weight_up_to_g is None or rate.weight_up_to_g >= weight_g]
    return min(fitting, key=lambda rate: (rate.weight_up_to_g is None, rate.weight_up_to_g), default=None)


def _offer(method: ShippingMethod, rate: ShippingRate, subtotal: Decimal) -> Offer:
    is_free = rate.free_from is not None and subtotal >= rate.free_from
    return Offer(
        code=method.code,
        title=method.local_title,
        days_min=method.days_min,
        days_max=method.days_max,
        tax_class=method.tax_class,
        price=Decimal(0) if is_free else rounded(rate.price, settings.SHOP_CURRENCY),
        free_from=rate.free_from,
    )
