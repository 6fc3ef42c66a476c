"""What shoppers keep in their carts. A row for each line, so that two tabs at once lose nothing of each other's."""

from django.db import models
from django.utils import timezone

from shop.cart.querysets import KeptLineQuerySet


class KeptLine(models.Model):
    """So many of a sku, kept by `holder`: a customer's reference, or the random key of a guest's session.

    `seen_price` is the price that the shopper last saw or accepted; `title` names what is no longer sold.
    """

    holder = models.CharField(max_length=64)
    sku = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    quantity = models.PositiveIntegerField()
    seen_price = models.DecimalField(max_digits=12, decimal_places=3)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = KeptLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "sku"], name="kept_line_once_per_sku"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="kept_line_has_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"
