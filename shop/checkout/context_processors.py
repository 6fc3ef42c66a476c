"""What every page may say of delivery and tax."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.catalogue.edition import edition_of
from shop.checkout.shipping import rates_of


def delivery(request: HttpRequest) -> dict[str, Any]:
    """`shipping_rates`, for the tags of `delivery_words`: read when one of them first asks, once a page."""
    return {
        "shipping_rates": SimpleLazyObject(lambda: rates_of(edition_of(request))),
        "prices_include_tax": settings.PRICES_INCLUDE_TAX,
    }
