"""Attempts to pay."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import PaymentStatus
from orders.models.order import Order
from orders.numbers import payment_reference
from orders.querysets import PaymentQuerySet


class Payment(models.Model):
    """One attempt to pay. `reference` is what the gateway knows it by."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    gateway = models.CharField(_("gateway"), max_length=20)
    reference = models.CharField(_("reference"), max_length=64, unique=True, default=payment_reference, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=PaymentStatus, default=PaymentStatus.PENDING)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    return_url = models.CharField(_("way back"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("started"), default=timezone.now)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("payment"), _("payments")
        constraints = [models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status")]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_status_display()}"

    @property
    def subject(self) -> str:
        """How the order log names it."""
        return f"payment:{self.pk}"
