"""The kept lines' writers: one statement each, so that hands which write at once wait for each other."""

from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from shop.catalogue.models import Variant

if TYPE_CHECKING:
    from shop.cart.models import KeptLine  # noqa: F401 (named in quotes)


class KeptLineQuerySet(models.QuerySet["KeptLine"]):
    def of(self, holder: str) -> Self:
        """The holder's lines in the order in which they came."""
        return self.filter(holder=holder).order_by("pk")

    def raise_by(self, holder: str, variant: Variant, more: int, most: int) -> bool:
        """So many more of the variant, up to `most` in all; whether all of them went in."""
        line, words = self.filter(holder=holder, sku=variant.sku), _words(variant)
        # Compared before it is added: a sum past the column's end is an error to PostgreSQL.
        if line.filter(quantity__lte=most - more).update(quantity=F("quantity") + more, **words):
            return True
        if self._add(holder, variant, min(more, most)):
            return more <= most
        if line.filter(quantity__gt=most - more).update(quantity=most, **words):
            return False
        return self.raise_by(holder, variant, more, most)  # another hand was between the two

    def hold(self, holder: str, variant: Variant, quantity: int) -> None:
        line = self.filter(holder=holder, sku=variant.sku)
        if not line.update(quantity=quantity, **_words(variant)) and not self._add(holder, variant, quantity):
            line.update(quantity=quantity)

    def begin(self, holder: str, variant: Variant, quantity: int) -> None:
        """The first line of a holder whom nobody else knows yet."""
        about = {"holder": holder, "sku": variant.sku, "quantity": quantity, "seen_price": variant.price}
        self.create(**about, **_words(variant))

    def _add(self, holder: str, variant: Variant, quantity: int) -> bool:
        """False if there is one: the other of two hands at once was first. The price of a line that is written again
        stays the one that was seen: only `Cart.accept_prices` takes the news away."""
        try:
            with transaction.atomic():
                self.begin(holder, variant, quantity)
        except IntegrityError:
            return False
        return True


def _words(variant: Variant) -> dict[str, Any]:
    return {"title": variant.full_title, "touched_at": timezone.now()}
