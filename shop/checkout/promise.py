"""What the pages promise of delivery before there is an order: the best way to the shop's own country."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from shop.catalogue.money import written
from shop.checkout.models import ShippingRate
from shop.checkout.shipping import offers, rates_of
from shop.checkout.wording import working_days

FREE_DAYS = (3, 5)  # of a shop that has written down no way of delivery


@dataclass(frozen=True, kw_only=True)
class DeliveryPromise:
    """The cheapest delivery. `price` is None where the shop has none for its own country."""

    price: Decimal | None
    days_min: int = 0
    days_max: int = 0
    free_from: Decimal | None = None

    @property
    def is_free(self) -> bool:
        return self.price == 0

    @property
    def price_words(self) -> str:
        """free, from £2.95."""
        if self.is_free:
            return _("free")
        if self.price is None:
            return _("see the checkout")
        return _("from %(price)s") % {"price": written(self.price, settings.SHOP_CURRENCY)}

    @property
    def sentence(self) -> str:
        """Delivery from £2.95, free from £40.00, usually with you in 2 to 4 working days."""
        if self.price is None:
            return _("The checkout shows where we deliver, how soon and for how much")
        words = {"days": working_days(self.days_min, self.days_max), "price": self.price_words}
        if self.is_free:
            return _("Free delivery, usually with you in %(days)s") % words
        if self.free_from is None:
            return _("Delivery %(price)s, usually with you in %(days)s") % words
        words["sum"] = written(self.free_from, settings.SHOP_CURRENCY)
        return _("Delivery %(price)s, free for orders of %(sum)s and more, usually with you in %(days)s") % words


@lru_cache(1024)
def promised(edition: int, weight_g: int) -> DeliveryPromise:
    """For one piece of this weight, by the rates of this edition."""
    return promise(rates_of(edition), weight_g=weight_g)


def promise(rates: Sequence[ShippingRate], *, weight_g: int = 0, subtotal: Decimal = Decimal(0)) -> DeliveryPromise:
    """For a parcel of this weight and worth; `rates` as `read_rates` gave them."""
    if not rates:
        return DeliveryPromise(price=Decimal(0), days_min=FREE_DAYS[0], days_max=FREE_DAYS[1])
    offered = offers(rates, country=settings.SHOP_COUNTRY, weight_g=weight_g, subtotal=subtotal)
    best = min(offered, key=lambda offer: offer.price, default=None)
    if best is None:
        return DeliveryPromise(price=None)
    return DeliveryPromise(price=best.price, days_min=best.days_min, days_max=best.days_max, free_from=best.free_from)
