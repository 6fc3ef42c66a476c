"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from shop.cart.cart import cart_of
from shop.catalogue.models import Category


def shop(request: HttpRequest) -> dict[str, Any]:
    """The shop's name, the shopper's cart, the categories; nothing is read before a template asks for it."""
    return {
        "shop_name": settings.SHOP_NAME,
        "payment_minutes": settings.PAYMENT_MINUTES,
        "cart": cart_of(request),
        "categories": Category.objects.filter(products__published=True).distinct(),
    }
