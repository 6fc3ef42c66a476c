"""What the delivery system knows: parcels, their log, and when silence counts as receipt."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.carriers import carrier
from delivery.lifecycle import Actor, PauseReason, ReceiptStatus, ShipmentStatus
from delivery.querysets import ShipmentQuerySet


class Shipment(models.Model):
    """One parcel of one order. It shares an id and a number with the order, and nothing else."""

    order_id = models.BigIntegerField()
    order_number = models.CharField(_("order"), max_length=14, db_index=True)
    part = models.PositiveSmallIntegerField(_("parcel"), default=1)
    customer = models.CharField(_("customer reference"), max_length=64)
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=300)
    city = models.CharField(_("town or city"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2)

    carrier = models.CharField(_("carrier"), max_length=20)
    status = models.CharField(_("status"), max_length=10, choices=ShipmentStatus, default=ShipmentStatus.CREATED)
    tracking_number = models.CharField(_("tracking number"), max_length=64, blank=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    receipt_status = models.CharField(_("receipt"), max_length=14, choices=ReceiptStatus, default=ReceiptStatus.NOT_DUE)
    confirm_due_at = models.DateTimeField(_("receipt due"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_reason = models.CharField(_("paused because"), max_length=10, choices=PauseReason, blank=True)
    created_at = models.DateTimeField(_("opened"), default=timezone.now)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("parcel"), _("parcels")
        indexes = [models.Index(fields=["receipt_status", "confirm_due_at"], name="shipment_by_receipt")]
        constraints = [
            models.UniqueConstraint(fields=["order_id", "part"], name="shipment_once_per_part"),
            models.CheckConstraint(condition=Q(status__in=ShipmentStatus.values), name="shipment_status"),
            models.CheckConstraint(condition=Q(receipt_status__in=ReceiptStatus.values), name="shipment_receipt"),
            models.CheckConstraint(
                condition=Q(receipt_status="not_due") | Q(shipped_at__isnull=False, confirm_due_at__isnull=False),
                name="shipment_receipt_after_shipping",
            ),
            models.CheckConstraint(
                condition=Q(receipt_status="paused", paused_at__isnull=False)
                | (~Q(receipt_status="paused") & Q(paused_at__isnull=True)),
                name="shipment_paused_since",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_number}/{self.part}"

    @property
    def reference(self) -> dict[str, Any]:
        """What a message says of the parcel: ids and no personal data."""
        ids = {"order_id": self.order_id, "order_number": self.order_number, "customer": self.customer}
        return ids | {"shipment_id": self.pk}

    @property
    def can_be_called_back(self) -> bool:
        """Nobody else may have it yet: while a carrier is being asked, nobody knows."""
        waits_here = self.status == ShipmentStatus.REQUESTED and carrier(self.carrier).fetches_later
        return waits_here or self.status == ShipmentStatus.CREATED

    @property
    def can_confirm_receipt(self) -> bool:
        return self.receipt_status == ReceiptStatus.WAITING


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    sku = models.CharField(_("sku"), max_length=40)
    title = models.CharField(_("title"), max_length=250)
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name, verbose_name_plural = _("line"), _("lines")
        constraints = [models.UniqueConstraint(fields=["shipment", "sku"], name="shipment_line_once_per_sku")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"


class ShipmentEvent(models.Model):
    """The parcel's log: one row per change, written in the transaction of the change, never altered."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        REQUESTED = "requested", _("Carrier asked")
        SHIPPED = "shipped", _("Shipped")
        RECEIVED = "received", _("Receipt confirmed")
        CANCELLED = "cancelled", _("Called back")
        PAUSED = "paused", _("Clock of the receipt paused")
        RESUMED = "resumed", _("Clock of the receipt goes on")

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="events")
    kind = models.CharField(_("event"), max_length=10, choices=Kind)
    actor = models.CharField(_("by"), max_length=10, choices=Actor)
    note = models.CharField(_("note"), max_length=250, blank=True)
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("parcel log")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.shipment}: {self.get_kind_display()}"
