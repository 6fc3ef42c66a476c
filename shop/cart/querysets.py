"""The kept lines' writers: one statement each, so that hands which write at once wait for each other."""

from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from shop.catalogue.models import Variant

if TYPE_CHECKING:
    from shop.cart.models import KeptLine  # noqa: F401 (named in quotes)


class KeptLineQuerySet(models.QuerySet["KeptLine"]):
    def of(self, holder: str) -> Self:
        """The holder's lines in the order in which they came."""
        return self.filter(holder=holder).order_by("pk")

    def raise_by(self, holder: str, variant: Variant, more: int, most: int) -> None:
        """So many more of the variant, up to `most` in all."""
        more = min(more, most)
        # Compared before it is added: a sum past the column's end is an error to PostgreSQL.
        again = Case(When(quantity__gt=most - more, then=Value(most)), default=F("quantity") + more)
        self._write(holder, variant, again, more)

    def hold(self, holder: str, variant: Variant, quantity: int) -> None:
        self._write(holder, variant, quantity, quantity)

    def _write(self, holder: str, variant: Variant, again: Any, first: int) -> None:
        """A price that changed since the line was written stays told: only `Cart.accept_prices` takes the news away."""
        words = {"title": variant.full_title, "touched_at": timezone.now()}
        line = self.filter(holder=holder, sku=variant.sku)
        if line.update(quantity=again, **words):
            return
        try:
            with transaction.atomic():
                self.create(holder=holder, sku=variant.sku, quantity=first, seen_price=variant.price, **words)
        except IntegrityError:  # the other of two at once was first
            line.update(quantity=again, **words)
