"""From a cart to an order: one transaction, done once per key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse

from orders.drafts import Contact
from orders.models import Order
from orders.paying import start_payment
from orders.services import GUEST, confirm_free, submit_order
from shop.catalogue import stock
from shop.catalogue.exceptions import OutOfStock
from shop.catalogue.models import Variant
from shop.checkout import vouchers
from shop.checkout.drafting import line_drafts, terms_of
from shop.checkout.exceptions import CartChanged, CartEmpty, CheckoutRefused, ChoiceRefused
from shop.checkout.pricing import Choice, Priced, goods_of, shop_price
from shop.checkout.quoting import Goods, Quote
from shop.checkout.seen import changes

Pricing = Callable[[Sequence[Goods], Choice, datetime], Priced]


@dataclass(frozen=True, kw_only=True)
class Submit:
    """What a shopper sends off: who and where to, what he chose, and what he was shown.

    `seen` is the seal of the quote on his page; without one, only the sum is compared.
    """

    key: str
    contact: Contact
    expected_total: Decimal
    method: str = ""
    voucher: str = ""
    note: str = ""
    customer: str = GUEST
    seen: str = ""

    @property
    def choice(self) -> Choice:
        return Choice(
            country=self.contact.country,
            method=self.method,
            voucher=self.voucher,
            email=self.contact.email,
            customer=self.customer,
        )


def place_order(
    submit: Submit, quantities: Mapping[str, int], *, now: datetime, pricing: Pricing = shop_price
) -> Order:
    """Reserves the stock, takes the voucher, opens the order and its first payment. The same key is the same order.

    The prices are the shop's. Raises CartEmpty, CartChanged (a sku is gone, or the quote is not the one that was seen),
    ChoiceRefused (delivery or voucher can't be had) or OutOfStock; then nothing was written.
    """
    placed = Order.objects.filter(submit_key=submit.key).first()
    if placed:
        return placed
    try:
        return _place(submit, quantities, now, pricing)
    except (IntegrityError, OutOfStock, CheckoutRefused):
        # A double click: the other request won between our look and our insert, and perhaps it took the last piece.
        placed = Order.objects.filter(submit_key=submit.key).first()
        if placed is None:
            raise
        return placed


@transaction.atomic
def _place(submit: Submit, quantities: Mapping[str, int], now: datetime, pricing: Pricing) -> Order:
    quote = _agreed(submit, pricing(goods_for(quantities), submit.choice, now))
    stock.look(quantities)  # spares a sold-out sale the inserts that it would roll back; MariaDB deadlocks over those
    order = submit_order(
        submit.key,
        customer=submit.customer,
        contact=submit.contact,
        lines=line_drafts(quote),
        terms=terms_of(quote, submit.note),
        now=now,
    )
    stock.reserve(quantities, order.number)
    if quote.voucher:
        vouchers.take(quote.voucher, buyer=submit.choice.buyer, order_number=order.number)
    if order.total:
        start_payment(order.pk, return_url=reverse("order", args=[order.number]))
    else:
        confirm_free(order)
    return order


def goods_for(quantities: Mapping[str, int]) -> list[Goods]:
    """The shop's price of each sku. Raises CartEmpty, or CartChanged if one is no longer sold."""
    if not quantities:
        raise CartEmpty
    there = Variant.objects.filter(product__published=True).select_related("product")
    variants = {v.sku: v for v in there.filter(sku__in=list(quantities))}
    if set(variants) != set(quantities):
        raise CartChanged
    return [goods_of(variants[sku], quantity) for sku, quantity in quantities.items()]


def _agreed(submit: Submit, priced: Priced) -> Quote:
    """The quote, if it is what the shopper chose and saw."""
    if priced.problems:
        raise ChoiceRefused(priced.problems)
    changed = changes(submit.seen, priced.quote)
    if changed or priced.quote.total != submit.expected_total:
        raise CartChanged(changed)
    return priced.quote
