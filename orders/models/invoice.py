"""The bills."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from orders.querysets import InvoiceCounterQuerySet


class Invoice(models.Model):
    """The bill of a paid order. What it charges are the order's own rows; who sold is kept as it was on that day."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="invoice")
    number = models.PositiveIntegerField(_("number"), unique=True)
    seller = models.TextField(_("seller"), blank=True)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name, verbose_name_plural = _("invoice"), _("invoices")

    def __str__(self) -> str:
        return f"{self.number:06d}"


class InvoiceCounter(models.Model):
    """The one row that says which invoice number was the last."""

    last = models.PositiveIntegerField(default=0)

    objects = InvoiceCounterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.last:06d}"
