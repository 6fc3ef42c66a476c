"""The states of a parcel and of its receipt, and who may act."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShipmentStatus(models.TextChoices):
    CREATED = ("created", _("being packed"))  # -> requested, when the carrier is asked; -> cancelled, with its order
    REQUESTED = (
        "requested",
        _("waiting for the carrier"),
    )  # -> shipped, by carrier or staff; -> cancelled, if here
    SHIPPED = ("shipped", _("on its way"))  # the end of our hand in it; the receipt goes on
    CANCELLED = "cancelled", _("called back")  # the end: it never left the house


SHIPMENT_SOURCES: dict[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.REQUESTED: frozenset({ShipmentStatus.CREATED}),
    ShipmentStatus.SHIPPED: frozenset({ShipmentStatus.REQUESTED}),
    ShipmentStatus.CANCELLED: frozenset({ShipmentStatus.CREATED, ShipmentStatus.REQUESTED}),
}


class ReceiptStatus(models.TextChoices):
    NOT_DUE = ("not_due", _("not due yet"))  # -> waiting, when the parcel leaves the house
    WAITING = ("waiting", _("waiting for the customer"))  # -> confirmed | auto_confirmed, at confirm_due_at; -> paused
    PAUSED = "paused", _("paused")  # -> waiting, as much later as it stood still; -> confirmed | auto_confirmed
    CONFIRMED = "confirmed", _("confirmed")  # the end: somebody said that it is there
    AUTO_CONFIRMED = ("auto_confirmed", _("confirmed by the clock"))  # the end: nobody said otherwise in time


RECEIPT_SOURCES: dict[ReceiptStatus, frozenset[ReceiptStatus]] = {
    ReceiptStatus.WAITING: frozenset({ReceiptStatus.NOT_DUE, ReceiptStatus.PAUSED}),
    ReceiptStatus.PAUSED: frozenset({ReceiptStatus.WAITING}),
    ReceiptStatus.CONFIRMED: frozenset({ReceiptStatus.WAITING, ReceiptStatus.PAUSED}),
    ReceiptStatus.AUTO_CONFIRMED: frozenset({ReceiptStatus.WAITING, ReceiptStatus.PAUSED}),
}


RECEIVED = frozenset({ReceiptStatus.CONFIRMED, ReceiptStatus.AUTO_CONFIRMED})


class PauseReason(models.TextChoices):
    RETURN = "return", _("a return")  # goods of the parcel are to come back


class Actor(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("the system")
    CARRIER = "carrier", _("carrier")
