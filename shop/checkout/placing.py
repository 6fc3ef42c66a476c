"""From a cart to an order: one transaction, done once per key."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import get_language

from orders.drafts import Contact, LineDraft, Terms
from orders.models import Order
from orders.services import start_payment, submit_order
from shop.catalogue import stock
from shop.catalogue.exceptions import OutOfStock
from shop.catalogue.showcase import sold_variants
from shop.checkout.exceptions import CartChanged, CartEmpty


def place_order(
    key: str, *, contact: Contact, quantities: Mapping[str, int], expected_total: Decimal, now: datetime
) -> Order:
    """Reserves the stock, opens the order and its first payment. The same `key` again gives the same order.

    Prices come from the catalogue. Raises CartEmpty, CartChanged (a sku is gone, or the total is not the expected
    one) or OutOfStock; then nothing was written.
    """
    placed = Order.objects.filter(submit_key=key).first()
    if placed:
        return placed
    try:
        return _place(key, contact, quantities, expected_total, now)
    except (IntegrityError, OutOfStock):
        # A double click: the other request won between our look and our insert, and perhaps it took the last piece.
        placed = Order.objects.filter(submit_key=key).first()
        if placed is None:
            raise
        return placed


@transaction.atomic
def _place(key: str, contact: Contact, quantities: Mapping[str, int], expected_total: Decimal, now: datetime) -> Order:
    lines = _lines(quantities)
    total = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    if total != expected_total:
        raise CartChanged("the total is not the one that the shopper saw")
    stock.look(quantities)  # spares a sold-out sale the inserts that it would roll back; MariaDB deadlocks over those
    terms = Terms(currency=settings.SHOP_CURRENCY, subtotal=total, total=total, language=get_language() or "en")
    order = submit_order(key, customer="guest", contact=contact, lines=lines, terms=terms, now=now)
    stock.reserve(quantities, order.number)
    start_payment(order.pk, return_url=reverse("order", args=[order.number]))
    return order


def _lines(quantities: Mapping[str, int]) -> list[LineDraft]:
    if not quantities:
        raise CartEmpty
    variants = {v.sku: v for v in sold_variants().select_related("product").filter(sku__in=list(quantities))}
    if set(variants) != set(quantities):
        raise CartChanged("a product is no longer sold")
    return [
        LineDraft(sku=sku, title=variants[sku].full_title, unit_price=variants[sku].price, quantity=quantity)
        for sku, quantity in quantities.items()
    ]
