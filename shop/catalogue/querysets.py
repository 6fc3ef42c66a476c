"""The catalogue's readers."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Max, Min, Q, Sum

if TYPE_CHECKING:
    from shop.catalogue.models import Product  # noqa: F401 (named in quotes)


class ProductQuerySet(models.QuerySet["Product"]):
    def for_cards(self) -> Self:
        """Adds what a product card shows: `price_from`, `price_to`, `available` pieces; one query."""
        return self.select_related("category").annotate(
            price_from=Min("variants__price"),
            price_to=Max("variants__price"),
            available=Sum(F("variants__stock__on_hand") - F("variants__stock__reserved"), default=0),
        )

    def matching(self, words: str) -> Self:
        """Products with every word in their title, category or sku."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(
                Q(title__icontains=word)
                | Q(category__title__icontains=word)
                | Q(category__title_zh__icontains=word)
                | Q(variants__sku__iexact=word)
            )
        return found.distinct()
