"""Attempts to pay."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import PaymentStatus
from orders.models.order import NO_MONEY, Order
from orders.numbers import payment_reference
from orders.payments.protocol import Charge
from orders.querysets import LESS_THAN_ANY_COIN, PaymentQuerySet


class Payment(models.Model):
    """One attempt to pay. `reference` is what the gateway knows it by.

    `captured` is the money that came, `refunded` what of it was asked back or given back: the database refuses more
    than came. `settles` is the order that goes on because of this payment: at most one payment settles an order.
    `held` says why staff must look at it; empty if they need not.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    settles = models.OneToOneField(
        Order, models.PROTECT, related_name="settled_by", null=True, blank=True, verbose_name=_("settles")
    )
    gateway = models.CharField(_("gateway"), max_length=20)
    reference = models.CharField(_("reference"), max_length=64, unique=True, default=payment_reference, editable=False)
    provider_id = models.CharField(_("the gateway's own name for it"), max_length=255, blank=True)
    transaction = models.CharField(_("transaction"), max_length=255, blank=True)
    page_url = models.CharField(max_length=2000, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=PaymentStatus, default=PaymentStatus.PENDING)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)
    captured = models.DecimalField(_("came"), max_digits=12, decimal_places=3, default=NO_MONEY)
    refunded = models.DecimalField(_("goes back"), max_digits=12, decimal_places=3, default=NO_MONEY)
    held = models.CharField(_("held, because"), max_length=250, blank=True)
    return_url = models.CharField(_("way back"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("started"), default=timezone.now)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("payment"), _("payments")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status"),
            models.CheckConstraint(condition=Q(captured__gte=0, refunded__gte=0), name="payment_sums_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded__lt=F("captured") + LESS_THAN_ANY_COIN), name="payment_refunds_within_captured"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_status_display()}"

    @property
    def subject(self) -> str:
        """How the order log names it."""
        return f"payment:{self.pk}"

    @property
    def left(self) -> Decimal:
        """What may still be given back."""
        return self.captured - self.refunded

    @property
    def charge(self) -> Charge:
        """The payment as its gateway sees it."""
        return Charge(
            reference=self.reference,
            amount=self.amount,
            currency=self.currency,
            order_number=self.order.number,
            return_url=self.return_url,
            pay_by=self.order.pay_by,
            provider_id=self.provider_id,
            transaction=self.transaction,
        )
