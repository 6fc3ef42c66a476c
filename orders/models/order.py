"""What was promised to whom. Lines are snapshots: the order system never asks the catalogue again."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Abs
from django.db.models.lookups import LessThan
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import OrderStatus
from orders.numbers import order_number
from orders.querysets import LESS_THAN_ANY_COIN, OrderQuerySet

NO_MONEY = Decimal(0)


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

    log_length = models.PositiveIntegerField(default=0, editable=False)  # how many rows its log has
    log_hash = models.CharField(max_length=64, blank=True, editable=False)  # of the last one

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Never writes the end of the log back, which may have grown since this row was read."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            known = {field.name for field in self._meta.concrete_fields} - self.get_deferred_fields()
            kwargs["update_fields"] = known - {"id", "log_length", "log_hash"}
        super().save(*args, **kwargs)

    @property
    def shipping_tax(self) -> Decimal:
        """The tax on the delivery: what the lines' taxes leave of the whole."""
        return self.tax - sum((line.tax for line in self.lines.all()), NO_MONEY)

    @property
    def payment_status(self) -> str:
        """How the money stands: of the payment that settles it, else of the last one; empty where none is needed."""
        settled = getattr(self, "settled_by", None)  # Django raises a subclass of AttributeError where there is none
        last = settled or self.payments.order_by("pk").last()
        return last.status if last else ""

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
