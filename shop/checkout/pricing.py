"""What the shop asks for a cart today: delivery, tax and voucher are looked up, and `quoting` makes the total."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django_countries import countries

from orders.services import GUEST
from shop.catalogue.models import Variant
from shop.catalogue.money import rounded
from shop.checkout import vouchers
from shop.checkout.buyers import Buyer
from shop.checkout.models import ShippingRate, TaxRate, Voucher
from shop.checkout.quoting import Goods, Quote, Tariff, quote
from shop.checkout.shipping import Offer, offers, read_rates

TOO_LARGE = Decimal(10**9)  # what the order's columns can hold


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the shopper chose beside the goods. No method is the first one there is; no voucher is none."""

    country: str
    method: str = ""
    voucher: str = ""
    email: str = ""
    customer: str = GUEST

    @property
    def buyer(self) -> Buyer:
        return Buyer(self.customer, self.email)


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A quote as near to the choice as can be had; `problems` maps each field that can't be had to words about it."""

    quote: Quote
    choices: Sequence[Offer] = ()
    problems: dict[str, str] = field(default_factory=dict)


def goods_of(variant: Variant, quantity: int) -> Goods:
    return Goods(
        sku=variant.sku,
        title=variant.full_title,
        unit_price=rounded(variant.price, settings.SHOP_CURRENCY),
        quantity=quantity,
        tax_class=variant.product.tax_class,
        weight_g=variant.weight_g,
    )


def goods_alone(goods: Sequence[Goods], choice: Choice, now: datetime) -> Priced:
    """The goods at their prices: no delivery to pay, no tax to show, no voucher."""
    return Priced(quote=quote(goods, Tariff(currency=settings.SHOP_CURRENCY, tax_rates={})))


def shop_price(goods: Sequence[Goods], choice: Choice, now: datetime) -> Priced:
    """The shop's price of `now`. What can't be had is left out of the sum and named among the problems."""
    subtotal = sum((one.amount for one in goods), Decimal(0))
    voucher, voucher_problem = _voucher(choice, subtotal, now)
    method, choices, delivery_problems = _delivery(goods, choice, subtotal)
    tariff = Tariff(
        currency=settings.SHOP_CURRENCY,
        tax_included=settings.PRICES_INCLUDE_TAX,
        tax_rates=dict(TaxRate.objects.filter(country=choice.country).values_list("tax_class", "percent")),
        voucher=voucher,
    )
    quoted = quote(goods, tariff, method)
    problems = delivery_problems | _named("voucher", voucher_problem) | _named("", _size_problem(quoted))
    return Priced(quote=quoted, choices=choices, problems=problems)


def _voucher(choice: Choice, subtotal: Decimal, now: datetime) -> tuple[Voucher | None, str]:
    if not choice.voucher:
        return None, ""
    voucher = Voucher.objects.filter(code=choice.voucher).first()
    problem = vouchers.refusal(voucher, subtotal=subtotal, buyer=choice.buyer, now=now)
    return (None if problem else voucher), problem


def _delivery(
    goods: Sequence[Goods], choice: Choice, subtotal: Decimal
) -> tuple[Offer | None, list[Offer], dict[str, str]]:
    rates = read_rates()
    if not rates:
        return None, [], {}
    weight = sum(one.weight_g * one.quantity for one in goods)
    choices = offers(rates, country=choice.country, weight_g=weight, subtotal=subtotal)
    if not choices:
        return None, [], {"country": _nowhere(rates, choice, subtotal)}
    wanted = next((offer for offer in choices if offer.code == choice.method), None)
    problem = _("This way of delivery can't be had for this parcel. Please choose another.")
    return wanted or choices[0], choices, {} if wanted or not choice.method else {"method": problem}


def _nowhere(rates: Sequence[ShippingRate], choice: Choice, subtotal: Decimal) -> str:
    place = {"country": countries.name(choice.country) or _("this country")}
    if offers(rates, country=choice.country, weight_g=0, subtotal=subtotal):
        return _("This is too heavy for one parcel to %(country)s. Take something out and order it apart.") % place
    return _("We do not deliver to %(country)s yet. Your cart stays as it is: choose another country.") % place


def _size_problem(quoted: Quote) -> str:
    if quoted.total < TOO_LARGE and quoted.subtotal < TOO_LARGE:
        return ""
    return _("This is more than one order can hold. Please make it two.")


def _named(name: str, problem: str) -> dict[str, str]:
    return {name: problem} if problem else {}
