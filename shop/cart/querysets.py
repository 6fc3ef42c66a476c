"""The kept lines' writers: one statement each, so that hands which write at once wait for each other."""

from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from shop.catalogue.models import Variant

if TYPE_CHECKING:
    from shop.cart.models import KeptLine  # noqa: F401 (named in quotes)


RAISE = """UPDATE cart_keptline SET quantity = {more}, title = %s, touched_at = %s
    WHERE holder = %s AND sku = %s AND quantity <= %s {back}"""
BACK = {"more": "quantity + %s", "back": "RETURNING quantity"}
MARIADBS = {"more": "LAST_INSERT_ID(quantity + %s)", "back": ""}  # its UPDATE gives back that number alone


class KeptLineQuerySet(models.QuerySet["KeptLine"]):
    def of(self, holder: str) -> Self:
        """The holder's lines in the order in which they came."""
        return self.filter(holder=holder).order_by("pk")

    def raise_by(self, holder: str, variant: Variant, more: int, most: int) -> tuple[int, bool]:
        """So many more of the variant, up to `most` in all: how many that makes, and whether all of them went in."""
        if raised := _raised(holder, variant, more, most):
            return raised, True
        if self._add(holder, variant, min(more, most)):
            return min(more, most), more <= most
        full = self.filter(holder=holder, sku=variant.sku, quantity__gt=most - more)
        if full.update(quantity=most, **_words(variant)):
            return most, False
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


def _raised(holder: str, variant: Variant, more: int, most: int) -> int:
    """How many it makes; 0 where it is not the usual case of the shop's most frequent write. By SQL: the ORM takes
    longer to say it than the database to do it, and would ask once more for the number. Compared before it is added:
    a sum past the column's end is an error to PostgreSQL."""
    words, is_mariadb = _words(variant), connection.vendor == "mysql"
    touched_at = connection.ops.adapt_datetimefield_value(words["touched_at"])
    with connection.cursor() as cursor:
        statement = RAISE.format(**MARIADBS if is_mariadb else BACK)
        cursor.execute(statement, [more, words["title"], touched_at, holder, variant.sku, most - more])
        if is_mariadb:
            return cursor.lastrowid if cursor.rowcount else 0
        return sum(quantity for (quantity,) in cursor.fetchall())


def _words(variant: Variant) -> dict[str, Any]:
    return {"title": variant.full_title, "touched_at": timezone.now()}
