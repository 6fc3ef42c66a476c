"""The catalogue's readers and writers of many rows."""

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import F, Sum

from shop.catalogue.edition import changing

if TYPE_CHECKING:
    from shop.catalogue.models import Product  # noqa: F401 (named in quotes)

Row = TypeVar("Row", bound=models.Model)


class ShownQuerySet(models.QuerySet[Row]):
    """Of rows that the shop shows: many that are written at once make a new edition as one does."""

    def update(self, **values: Any) -> int:
        with changing():
            return super().update(**values)

    def bulk_create(self, *rows: Any, **how: Any) -> list[Row]:
        with changing():
            return super().bulk_create(*rows, **how)


class ProductQuerySet(ShownQuerySet["Product"]):
    def published(self) -> Self:
        return self.filter(published=True)

    def with_offers(self) -> Self:
        """Adds to the prices that are kept with each product its category, cover and `available` pieces; one query."""
        left = Sum(F("variants__stock__on_hand") - F("variants__stock__reserved"), default=0)
        return self.select_related("category", "cover").annotate(available=left)
