"""What the shopper has looked at, on pages that are not about goods."""

from typing import Any

from django import template

from shop.catalogue.cards import cards
from shop.catalogue.edition import edition_of
from shop.catalogue.recent import seen

register = template.Library()


@register.inclusion_tag("catalogue/_recent.html", takes_context=True)
def recently_viewed(context: dict[str, Any]) -> dict[str, Any]:
    """Cards of what was seen last."""
    request = context["request"]
    return {"cards": cards(edition_of(request), seen(request))}
