"""From a cart to a draft, from a draft to an offer, from an offer to an order. `checkout.quoting` makes each total."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from orders.drafts import Contact
from orders.models import Order
from orders.paying import start_payment
from orders.quotations import ask_for_quote, offer_quote, take_quote
from orders.services import confirm_free
from shop.catalogue import stock
from shop.catalogue.models import TaxClass, Variant
from shop.catalogue.money import rounded
from shop.checkout.drafting import line_drafts, terms_of
from shop.checkout.exceptions import ChoiceRefused
from shop.checkout.models import TaxRate
from shop.checkout.placing import goods_for
from shop.checkout.pricing import Choice, shop_price
from shop.checkout.quoting import Goods, Quote, Tariff, quote
from shop.checkout.shipping import Offer

MOST_LINES = 100
METHOD = "quoted"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Who asks, what for, and the key that makes a second press the same question."""

    key: str
    contact: Contact
    note: str
    customer: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How staff will send it, and for how much."""

    title: str
    price: Decimal
    days_min: int
    days_max: int


def ask(wish: Wish, quantities: Mapping[str, int], now: datetime) -> Order:
    """Writes down the wish at today's prices, for staff to change. The same key is the same draft.

    Raises CartEmpty, CartChanged, or ChoiceRefused if it is more than one order can hold.
    """
    asked = Order.objects.filter(submit_key=wish.key).first()
    if asked:
        return asked
    if len(quantities) > MOST_LINES:
        raise ChoiceRefused({"": _("This is more than one quote can hold. Please ask twice.")})
    choice = Choice(country=wish.contact.country, email=wish.contact.email, customer=wish.customer)
    priced = shop_price(goods_for(quantities), choice, now)
    if "" in priced.problems:
        raise ChoiceRefused({"": priced.problems[""]})
    try:
        return ask_for_quote(
            wish.key,
            customer=wish.customer,
            contact=wish.contact,
            lines=line_drafts(priced.quote),
            terms=terms_of(priced.quote, wish.note),
            now=now,
        )
    except IntegrityError:
        return Order.objects.get(submit_key=wish.key)  # a double click: the other request was first


def quoted(order: Order, prices: Mapping[str, Decimal], delivery: Delivery) -> Quote:
    """What the draft costs at these prices by sku. Raises ChoiceRefused for a sku that is not in the catalogue."""
    lines = list(order.lines.all())
    classes = dict(
        Variant.objects.filter(sku__in=[line.sku for line in lines]).values_list("sku", "product__tax_class")
    )
    gone = [line.title for line in lines if line.sku not in classes]
    if gone:
        raise ChoiceRefused({"": _("No longer in the catalogue: %s") % ", ".join(gone)})
    goods = [
        Goods(
            sku=line.sku,
            title=line.title,
            unit_price=rounded(prices[line.sku], order.currency),
            quantity=line.quantity,
            tax_class=classes[line.sku],
        )
        for line in lines
    ]
    method = Offer(
        code=METHOD,
        title=delivery.title,
        days_min=delivery.days_min,
        days_max=delivery.days_max,
        tax_class=TaxClass.STANDARD,
        price=rounded(delivery.price, order.currency),
    )
    rates = TaxRate.objects.filter(country=order.country).values_list("tax_class", "percent")
    return quote(
        goods,
        Tariff(currency=order.currency, tax_included=settings.PRICES_INCLUDE_TAX, tax_rates=dict(rates)),
        method,
    )


def offer(order: Order, offered: Quote, *, answer: str, valid_until: datetime, now: datetime) -> None:
    """Sends the customer this quote. Raises IllegalMove if the draft was declined or is over."""
    offer_quote(order.pk, line_drafts(offered), terms_of(offered), answer=answer, valid_until=valid_until, now=now)


@transaction.atomic
def take(order: Order, revision: int, now: datetime) -> None:
    """The draft becomes an order, its stock is held and its payment opened: all of it, or nothing, and once.

    Raises IllegalMove if the quote is not the one of `revision` any more, or OutOfStock.
    """
    if not take_quote(order.pk, revision, now):
        return
    stock.reserve({line.sku: line.quantity for line in order.lines.all()}, order.number)
    order.refresh_from_db()
    if order.total:
        start_payment(order.pk, return_url=reverse("order", args=[order.number]))
    else:
        confirm_free(order)
