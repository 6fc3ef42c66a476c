"""A customer's addresses, of which one at most is the default."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, When

if TYPE_CHECKING:
    from shop.customers.models import Address  # noqa: F401 (named in quotes)


class AddressQuerySet(models.QuerySet["Address"]):
    def make_default(self, pk: int) -> None:
        """Makes it the default of these addresses, and no other: one UPDATE, so that two at once leave one."""
        self.update(is_default=Case(When(pk=pk, then=True), default=False))
