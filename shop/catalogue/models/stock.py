from typing import Any

from django.db import models
from django.db.models import F, ProtectedError, Q
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.variant import Variant


class Stock(models.Model):
    """Pieces of one variant. Changed only by `shop.catalogue.stock`, which writes the movement beside it."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("stock")
        constraints = [models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="stock_never_oversold")]

    def __str__(self) -> str:
        return f"{self.available} of {self.on_hand}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def keep_what_orders_moved(collector: Collector, field: Any, movements: Any, using: str) -> None:
    """As PROTECT where an order moved pieces, so that neither they nor their variant go; else as CASCADE."""
    of_orders = movements.filter(kind__in=StockMovement.BY_ORDERS)
    if of_orders:
        raise ProtectedError("Orders hold or have taken these pieces.", set(of_orders))
    models.CASCADE(collector, field, movements, using)


class StockMovement(models.Model):
    """Append-only. `reference` names the cause (an order's number), so that one cause moves the stock once."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")  # on_hand + n
        RESERVED = "reserved", _("reserved")  # reserved + n
        RELEASED = "released", _("released")  # reserved - n
        SHIPPED = "shipped", _("shipped")  # on_hand - n, reserved - n
        RETURNED = "returned", _("returned")  # on_hand + n
        ADJUSTED = "adjusted", _("adjusted")  # on_hand + n, n may be negative

    BY_ORDERS = (Kind.RESERVED, Kind.RELEASED, Kind.SHIPPED)

    stock = models.ForeignKey(Stock, keep_what_orders_moved, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    quantity = models.IntegerField()
    reference = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("stock movement"), _("stock movements")
        constraints = [models.UniqueConstraint(fields=["stock", "kind", "reference"], name="movement_once_per_cause")]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} ({self.reference})"
