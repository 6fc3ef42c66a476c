"""The order log."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import Actor
from orders.models.order import Order


class OrderEvent(models.Model):
    """The order log: one row per change, written in the transaction of the change, never altered."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Order placed")
        PAYMENT_STARTED = "payment_started", _("Payment started")
        PAYMENT_FAILED = "payment_failed", _("Payment refused")
        PAYMENT_GIVEN_UP = "payment_given_up", _("Payment given up")
        PAYMENT_HELD = "payment_held", _("Payment held for staff")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Not paid in time")
        DISPATCHED = "dispatched", _("On its way")
        COMPLETED = "completed", _("Received")
        ADOPTED = "adopted", _("Taken into the customer's account")
        RETURN_REQUESTED = "return_requested", _("Return asked for")
        RETURN_APPROVED = "return_approved", _("Return approved")
        RETURN_REJECTED = "return_rejected", _("Return not accepted")
        RETURN_CANCELLED = "return_cancelled", _("Return withdrawn")

    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    kind = models.CharField(_("event"), max_length=20, choices=Kind)
    from_status = models.CharField(_("from"), max_length=10, blank=True)
    to_status = models.CharField(_("to"), max_length=10, blank=True)
    actor = models.CharField(_("by"), max_length=10, choices=Actor)
    note = models.CharField(_("note"), max_length=250, blank=True)
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("order log")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_kind_display()}"
