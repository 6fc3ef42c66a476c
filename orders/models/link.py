"""Keys to one order."""

from django.db import models
from django.utils import timezone

from orders.models.order import Order


class OrderLink(models.Model):
    """A key to one order for whoever has its link. The token itself is kept nowhere: only its SHA-256."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.order}: a link until {self.expires_at:%Y-%m-%d}"
