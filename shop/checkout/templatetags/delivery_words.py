"""How the pages write what delivery costs and how long it takes."""

from decimal import Decimal
from typing import Any

from django import template
from django.template import Context

from shop.cart.cart import Cart
from shop.catalogue.edition import edition_of
from shop.checkout import wording
from shop.checkout.promise import DeliveryPromise, promise, promised

register = template.Library()


@register.filter
def working_days(delivered: Any) -> str:
    """`{{ order|working_days }}`, of whatever has `days_min` and `days_max`: 2 to 4 working days; empty without."""
    return "" if delivered.days_max is None else wording.working_days(delivered.days_min, delivered.days_max)


@register.simple_tag(takes_context=True)
def promised_delivery(context: Context, weight_g: int | str = 0) -> DeliveryPromise:
    """`{% promised_delivery chosen.weight_g as promised %}`: one piece, to the shop's own country."""
    return promised(edition_of(context["request"]), int(weight_g or 0))


@register.simple_tag(takes_context=True)
def cart_delivery(context: Context, cart: Cart) -> DeliveryPromise:
    """`{% cart_delivery cart as promised %}`: all that is in the cart, to the shop's own country."""
    weight = sum(line.variant.weight_g * line.quantity for line in cart.lines)
    return promise(context["shipping_rates"], weight_g=weight, subtotal=Decimal(cart.total))
