"""What every page knows."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.cart.cart import cart_of
from shop.catalogue.edition import edition_of
from shop.catalogue.tree import Tree


def shop(request: HttpRequest) -> dict[str, Any]:
    """The shop's name, the shopper's cart, the tree of categories; nothing is read before a template asks for it."""
    return {
        "shop_name": settings.SHOP_NAME,
        "shop_mail": settings.SHOP_MAIL,
        "shop_address": settings.SHOP_ADDRESS,
        "payment_minutes": settings.PAYMENT_MINUTES,
        "cart": cart_of(request),
        "edition": partial(edition_of, request),
        "tree": SimpleLazyObject(lambda: Tree.of_goods(edition_of(request))),
        # Without its cookie there is no session, so nobody to look up, and nothing for the page to vary on.
        "has_session": settings.SESSION_COOKIE_NAME in request.COOKIES,
    }
