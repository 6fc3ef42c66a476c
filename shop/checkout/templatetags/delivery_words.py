"""How the pages write what delivery costs and how long it takes."""

from decimal import Decimal
from typing import Any

from django import template

from shop.checkout import wording
from shop.checkout.promise import DeliveryPromise

register = template.Library()


@register.filter
def working_days(delivered: Any) -> str:
    """`{{ order|working_days }}`, of whatever has `days_min` and `days_max`: 2 to 4 working days; empty without."""
    return "" if delivered.days_max is None else wording.working_days(delivered.days_min, delivered.days_max)


@register.filter
def for_sum(promise: DeliveryPromise, subtotal: Decimal) -> DeliveryPromise:
    """`{{ delivery_promise|for_sum:cart.total }}`: what it is for goods of this sum."""
    return promise.for_sum(subtotal)
