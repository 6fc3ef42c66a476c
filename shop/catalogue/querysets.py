"""The catalogue's readers."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from shop.catalogue.models import Product  # noqa: F401 (named in quotes)


class ProductQuerySet(models.QuerySet["Product"]):
    def published(self) -> Self:
        return self.filter(published=True)

    def for_cards(self) -> Self:
        """The published ones with what a product card shows, in one query."""
        return self.published().with_offers()

    def with_offers(self) -> Self:
        """Adds category, cover and what the variants offer; one query.

        `price_from`, `price_to`; `regular_from`, above `price_from` when reduced, and `lowest_price_30_days` of what
        is reduced (null when unknown); `available` pieces.
        """
        return self.select_related("category", "cover").annotate(
            price_from=Min("variants__price"),
            price_to=Max("variants__price"),
            regular_from=Min(Coalesce("variants__regular_price", "variants__price")),
            lowest_price_30_days=Min("variants__lowest_price_30_days"),
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
