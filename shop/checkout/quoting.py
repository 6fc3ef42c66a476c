"""The one place where a total is made. Pure: what the shop asks and lets off is handed in.

Each rule rounds once: the discount over the goods, the tax of each rate over all that it taxes. What is then split over
the lines sums exactly to what was rounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shop.catalogue.money import rounded, smallest
from shop.checkout.models import Voucher
from shop.checkout.shipping import Offer
from shop.checkout.spreading import spread

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Goods:
    """What is to be bought of one sku. `unit_price` is payable in the shop's currency, `weight_g` is of one piece."""

    sku: str
    title: str
    unit_price: Decimal
    quantity: int
    tax_class: str
    weight_g: int = 0

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """What the shop asks for one country. `tax_rates` are in percent, by tax class; a class without one has no tax."""

    currency: str
    tax_included: bool = True
    tax_rates: Mapping[str, Decimal]
    voucher: Voucher | None = None


@dataclass(frozen=True, kw_only=True)
class QuotedLine:
    goods: Goods
    discount: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True, kw_only=True)
class Quote:
    """total = subtotal - discount + shipping, + tax where it is not included. `tax_by_rate`: by percent, without 0."""

    lines: Sequence[QuotedLine]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    shipping_tax_rate: Decimal
    tax: Decimal
    tax_included: bool
    tax_by_rate: Mapping[Decimal, Decimal]
    total: Decimal
    currency: str
    method: Offer | None
    voucher: Voucher | None

    # Named as an order names them, so that one template shows the sums of both.
    @property
    def voucher_code(self) -> str:
        return self.voucher.code if self.voucher else ""

    @property
    def shipping_title(self) -> str:
        return self.method.title if self.method else ""

    @property
    def days_min(self) -> int | None:
        return self.method.days_min if self.method else None

    @property
    def days_max(self) -> int | None:
        return self.method.days_max if self.method else None


def quote(goods: Sequence[Goods], tariff: Tariff, method: Offer | None = None) -> Quote:
    """What these goods cost, delivered by `method`; None is free delivery."""
    subtotal = sum((one.amount for one in goods), NOTHING)
    discount = _discount(tariff.voucher, subtotal, tariff.currency)
    discounts = spread(discount, [one.amount for one in goods], smallest(tariff.currency))
    shipping = _shipping(tariff.voucher, method)
    taxed = [(one.tax_class, one.amount - off) for one, off in zip(goods, discounts, strict=True)]
    rates = [tariff.tax_rates.get(tax_class, NOTHING) for tax_class, _amount in taxed]
    shipping_rate = tariff.tax_rates.get(method.tax_class, NOTHING) if method else NOTHING
    by_rate, taxes = _taxes([*rates, shipping_rate], [*(amount for _class, amount in taxed), shipping], tariff)
    tax = sum(by_rate.values(), NOTHING)
    return Quote(
        lines=[
            QuotedLine(goods=one, discount=off, tax_rate=rate, tax=share)
            for one, off, rate, share in zip(goods, discounts, rates, taxes[:-1], strict=True)
        ],
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        shipping_tax_rate=shipping_rate,
        tax=tax,
        tax_included=tariff.tax_included,
        tax_by_rate=by_rate,
        total=subtotal - discount + shipping + (NOTHING if tariff.tax_included else tax),
        currency=tariff.currency,
        method=method,
        voucher=tariff.voucher,
    )


def _discount(voucher: Voucher | None, subtotal: Decimal, currency: str) -> Decimal:
    """Never more than the goods cost."""
    if voucher is None or voucher.kind == Voucher.Kind.FREE_SHIPPING:
        return NOTHING
    off = voucher.amount if voucher.kind == Voucher.Kind.FIXED else subtotal * voucher.percent / 100
    return min(rounded(off, currency), subtotal)


def _shipping(voucher: Voucher | None, method: Offer | None) -> Decimal:
    is_free = method is None or (voucher is not None and voucher.kind == Voucher.Kind.FREE_SHIPPING)
    return NOTHING if is_free or method is None else method.price


def _taxes(
    rates: Sequence[Decimal], amounts: Sequence[Decimal], tariff: Tariff
) -> tuple[dict[Decimal, Decimal], list[Decimal]]:
    """The tax by rate, and each amount's share of it."""
    by_rate, shares = {}, [NOTHING] * len(amounts)
    for rate in sorted(set(rates) - {NOTHING}, reverse=True):
        places = [i for i, other in enumerate(rates) if other == rate]
        base = sum((amounts[i] for i in places), NOTHING)
        tax = rounded(base * rate / (100 + rate if tariff.tax_included else 100), tariff.currency)
        if tax:
            by_rate[rate] = tax
        for i, share in zip(places, spread(tax, [amounts[i] for i in places], smallest(tariff.currency)), strict=True):
            shares[i] = share
    return by_rate, shares
