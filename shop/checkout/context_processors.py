"""What every page may say of delivery."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.checkout.promise import delivery_promise


def delivery(request: HttpRequest) -> dict[str, Any]:
    """`delivery_promise`: read when a template first asks for it, once a page."""
    return {"delivery_promise": SimpleLazyObject(delivery_promise)}
