"""The catalogue's readers."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Sum

if TYPE_CHECKING:
    from shop.catalogue.models import Product  # noqa: F401 (named in quotes)


class ProductQuerySet(models.QuerySet["Product"]):
    def published(self) -> Self:
        return self.filter(published=True)

    def for_cards(self) -> Self:
        """The published ones with what a product card shows, in one query meant for the few that a page shows."""
        return self.published().with_offers()

    def with_offers(self) -> Self:
        """Adds to the prices that are kept with each product its category, cover and `available` pieces; one query."""
        left = Sum(F("variants__stock__on_hand") - F("variants__stock__reserved"), default=0)
        return self.select_related("category", "cover").annotate(available=left)
