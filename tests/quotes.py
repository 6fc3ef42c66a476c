"""Quotes in each state, for tests that begin there."""

from datetime import datetime, timedelta
from decimal import Decimal

from orders.models import Order
from queue_table import clock
from shop.catalogue.models import Variant
from shop.quotes.quoting import Delivery, Wish, ask, offer, quoted
from tests.factories import CONTACT, VariantFactory
from tests.shopping import new_key


def asked_quote(variant: Variant | None = None, quantity: int = 3, key: str = "") -> Order:
    """A draft for so many pieces; of a variant with ten, if none is named."""
    variant = variant or VariantFactory()
    wish = Wish(key=key or new_key(), contact=CONTACT, note="With a ribbon, please.", customer="guest")
    return ask(wish, {variant.sku: quantity}, clock.now())


def offered_quote(
    variant: Variant | None = None,
    quantity: int = 3,
    *,
    price: str = "2.00",
    shipping: str = "4.00",
    valid_until: datetime | None = None,
) -> Order:
    order = asked_quote(variant, quantity)
    make_offer(order, price=price, shipping=shipping, valid_until=valid_until)
    return order


def make_offer(
    order: Order, *, price: str = "2.00", shipping: str = "4.00", valid_until: datetime | None = None
) -> None:
    """Staff name a price for each piece and one for the delivery."""
    delivery = Delivery(title="By hand", price=Decimal(shipping), days_min=1, days_max=2)
    prices = {line.sku: Decimal(price) for line in order.lines.all()}
    now = clock.now()
    until = valid_until or now + timedelta(days=14)
    offer(order, quoted(order, prices, delivery), answer="Gladly.", valid_until=until, now=now)
    order.refresh_from_db()
