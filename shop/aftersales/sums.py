"""What an order costs, part by part: the same in its mails and on its invoice as on its page."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order


@dataclass(frozen=True)
class Part:
    """One row of the sums. `amount` is None where nothing is charged; `extra` says more, in the shop's own words."""

    label: str | Promise
    amount: Decimal | None
    extra: str = ""
    is_total: bool = False


def sums(order: Order) -> list[Part]:
    """Goods, discount, delivery, tax and total, as far as the order has them; they add up to the total."""
    parts = [Part(_("Goods"), order.subtotal)]
    if order.discount:
        parts.append(Part(_("Discount"), -order.discount, order.voucher_code))
    parts.append(Part(_("Delivery"), order.shipping or None, order.shipping_title))
    if order.tax and not order.tax_included:
        parts.append(Part(_("Tax"), order.tax))
    parts.append(Part(_("Total"), order.total, is_total=True))
    if order.tax and order.tax_included:
        parts.append(Part(_("Including tax"), order.tax))
    return parts
