from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.variant import Variant


class PricePoint(models.Model):
    """Append-only: from `at` on, the variant cost `price`. Written where the price or the regular price changes."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="price_points")
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=3)
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name, verbose_name_plural = _("price in the past"), _("prices in the past")
        indexes = [models.Index(fields=["variant", "at"], name="price_point_by_variant")]

    def __str__(self) -> str:
        return f"{self.price} ({self.at:%Y-%m-%d})"
