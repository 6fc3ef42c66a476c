"""Money that goes back."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import Actor, RefundStatus
from orders.models.order import NO_MONEY, Order, OrderLine
from orders.models.payment import Payment
from orders.numbers import payment_reference
from orders.payments.protocol import Repayment
from orders.querysets import RefundQuerySet


class Refund(models.Model):
    """Money that goes back to where it came from. Opened by `orders.refunding`, sent by a job.

    `reference` is the key by which the gateway does it once. `tried_at` is set before the gateway is first asked: from
    then on the next attempt asks what became of it.
    """

    class Reason(models.TextChoices):
        CANCELLED = "cancelled", _("The order was cancelled")
        LATE = "late", _("The payment came too late")
        TWICE = "twice", _("It was paid twice")
        MISFIT = "misfit", _("The payment was not the sum of the order")
        RETURNED = "returned", _("Goods were sent back")
        FAULT = "fault", _("Something was wrong with the goods or the delivery")
        GOODWILL = "goodwill", _("Goodwill")

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    reference = models.CharField(max_length=64, unique=True, default=payment_reference, editable=False)
    provider_id = models.CharField(_("the gateway's own name for it"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=RefundStatus, default=RefundStatus.REQUESTED)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    shipping = models.DecimalField(_("of it for delivery"), max_digits=12, decimal_places=3, default=NO_MONEY)
    restock = models.BooleanField(_("goods are sold again"), default=False)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    note = models.CharField(_("note"), max_length=250, blank=True)
    actor = models.CharField(_("by"), max_length=10, choices=Actor)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    tried_at = models.DateTimeField(_("first sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("refund"), _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
            models.CheckConstraint(condition=Q(shipping__gte=0), name="refund_shipping_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.amount} {self.currency}"

    @property
    def repayment(self) -> Repayment:
        """The refund as its gateway sees it."""
        return Repayment(reference=self.reference, amount=self.amount, currency=self.currency)


class RefundLine(models.Model):
    parent = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=3)

    class Meta:
        verbose_name, verbose_name_plural = _("line"), _("lines")
        constraints = [
            models.UniqueConstraint(fields=["parent", "line"], name="refund_line_once_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="refund_line_has_pieces"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_line_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.title}"
