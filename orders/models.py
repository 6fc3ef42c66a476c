"""What the order system knows. Lines are snapshots: it never asks the catalogue again."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs
from django.db.models.lookups import LessThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import Actor, OrderStatus, PaymentStatus, ReturnStatus
from orders.numbers import order_number, payment_reference
from orders.querysets import InvoiceCounterQuerySet, OrderQuerySet, PaymentQuerySet, ReturnQuerySet

NO_MONEY = Decimal(0)
LESS_THAN_ANY_COIN = Decimal("0.0005")  # SQLite keeps decimals as floats: sums may differ by what is no money


def _adds_up(*, tax_included: bool) -> Q:
    parts = F("subtotal") - F("discount") + F("shipping") + (Decimal(0) if tax_included else F("tax"))
    return Q(LessThan(Abs(F("total") - parts), LESS_THAN_ANY_COIN), tax_included=tax_included)


class LowerCaseEmailField(models.EmailField):  # type: ignore[type-arg]  # generic in the stubs only
    """Kept and sought in small letters: an index finds the address however it was typed, in each database."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value.lower() if isinstance(value, str) else value


class Order(models.Model):
    """One promise to one customer. Its status changes through `orders.services` only."""

    number = models.CharField(_("number"), max_length=14, unique=True, default=order_number, editable=False)
    submit_key = models.CharField(max_length=64, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=OrderStatus, default=OrderStatus.PENDING)
    customer = models.CharField(_("customer reference"), max_length=64)

    name = models.CharField(_("name"), max_length=120)
    email = LowerCaseEmailField(_("e-mail"))
    address = models.CharField(_("address"), max_length=300)
    city = models.CharField(_("town or city"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2)

    currency = models.CharField(_("currency"), max_length=3)
    subtotal = models.DecimalField(_("goods"), max_digits=12, decimal_places=3, default=NO_MONEY)
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=3, default=NO_MONEY)
    shipping = models.DecimalField(_("shipping"), max_digits=12, decimal_places=3, default=NO_MONEY)
    shipping_tax_rate = models.DecimalField(
        _("shipping tax, percent"), max_digits=6, decimal_places=3, default=NO_MONEY
    )
    tax = models.DecimalField(_("tax"), max_digits=12, decimal_places=3, default=NO_MONEY)
    tax_included = models.BooleanField(_("prices include tax"), default=True)
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=3)
    voucher_code = models.CharField(_("voucher"), max_length=40, blank=True)

    shipping_method = models.CharField(_("delivery method"), max_length=40, blank=True)
    shipping_title = models.CharField(_("delivery, as shown"), max_length=80, blank=True)
    days_min = models.PositiveSmallIntegerField(_("working days, at least"), null=True, blank=True)
    days_max = models.PositiveSmallIntegerField(_("working days, at most"), null=True, blank=True)
    note = models.TextField(_("note"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")

    placed_at = models.DateTimeField(_("placed"))
    pay_by = models.DateTimeField(_("to be paid by"))

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        indexes = [
            models.Index(fields=["status", "pay_by"], name="order_by_deadline"),
            models.Index(fields=["customer", "id"], name="order_by_customer"),
            models.Index(fields=["email", "customer"], name="order_by_email"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status"),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, discount__gte=0, shipping__gte=0, tax__gte=0),
                name="order_parts_not_negative",
            ),
            models.CheckConstraint(condition=Q(discount__lte=F("subtotal")), name="order_discount_within_goods"),
            models.CheckConstraint(
                condition=_adds_up(tax_included=True) | _adds_up(tax_included=False), name="order_total_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def shipping_tax(self) -> Decimal:
        """The tax on the delivery: what the lines' taxes leave of the whole."""
        return self.tax - sum((line.tax for line in self.lines.all()), NO_MONEY)

    @property
    def reference(self) -> dict[str, Any]:
        """What a message says of the order: ids and no personal data."""
        return {"order_id": self.pk, "order_number": self.number, "customer": self.customer}


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(_("sku"), max_length=40)
    title = models.CharField(_("title"), max_length=250)
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=3)
    quantity = models.PositiveIntegerField(_("quantity"))
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=3, default=NO_MONEY)
    tax_rate = models.DecimalField(_("tax, percent"), max_digits=6, decimal_places=3, default=NO_MONEY)
    tax = models.DecimalField(_("tax"), max_digits=12, decimal_places=3, default=NO_MONEY)

    class Meta:
        verbose_name, verbose_name_plural = _("line"), _("lines")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sku"], name="order_line_once_per_sku"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_has_pieces"),
            models.CheckConstraint(condition=Q(discount__gte=0, tax__gte=0), name="order_line_parts_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


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


class OrderLink(models.Model):
    """A key to one order for whoever has its link. The token itself is kept nowhere: only its SHA-256."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.order}: a link until {self.expires_at:%Y-%m-%d}"


class Return(models.Model):
    """What a customer wants to send back. Its status changes through `orders.returning` only."""

    class Reason(models.TextChoices):
        BROKEN = "broken", _("It is broken or came damaged")
        WRONG = "wrong", _("It is not what I ordered")
        NOT_AS_SHOWN = "not_as_shown", _("It is not as it was shown")
        UNWANTED = "unwanted", _("I don't want it any more")
        OTHER = "other", _("Something else")

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    status = models.CharField(_("status"), max_length=10, choices=ReturnStatus, default=ReturnStatus.REQUESTED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    words = models.TextField(_("in the customer's words"), max_length=1000, blank=True)
    note = models.CharField(_("our answer"), max_length=250, blank=True)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("return"), _("returns")
        constraints = [models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="return_status")]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """It waits for an answer: it may still be withdrawn."""
        return self.status == ReturnStatus.REQUESTED


class ReturnLine(models.Model):
    parent = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name, verbose_name_plural = _("line"), _("lines")
        constraints = [
            models.UniqueConstraint(fields=["parent", "line"], name="return_line_once_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="return_line_has_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.title}"


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
