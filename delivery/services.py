"""The verbs of the delivery system. Each is one transaction: the change, its log row and its message, or nothing."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from delivery.carriers import carrier
from delivery.drafts import ParcelDraft
from delivery.exceptions import IllegalMove
from delivery.lifecycle import Actor, ReceiptStatus, ShipmentStatus
from delivery.models import Shipment, ShipmentEvent, ShipmentLine
from queue_table import clock
from queue_table.messages import ReceiptConfirmed, ShipmentDispatched, ShipmentRequested
from queue_table.outbox import publish

Kind = ShipmentEvent.Kind


@transaction.atomic
def open_shipment(draft: ParcelDraft) -> None:
    """Opens the order's parcel and asks for a carrier. An order that has its parcel is left alone."""
    if Shipment.objects.filter(order_id=draft.order_id).exists():
        return
    shipment = Shipment.objects.create(
        order_id=draft.order_id,
        order_number=draft.order_number,
        customer=draft.customer,
        carrier=settings.DELIVERY_CARRIER,
        **asdict(draft.destination),
    )
    ShipmentLine.objects.bulk_create(ShipmentLine(shipment=shipment, **asdict(line)) for line in draft.lines)
    _log(shipment, Kind.OPENED, Actor.SYSTEM)
    publish(ShipmentRequested(**shipment.reference))


def book_shipment(shipment_id: int, idempotency_key: str) -> None:
    """Asks the parcel's carrier to take it, outside any transaction. Safe to repeat with the same key."""
    shipment = Shipment.objects.get(pk=shipment_id)
    if shipment.status in {ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED}:
        return
    request_carrier(shipment)
    booking = carrier(shipment.carrier).book(shipment.order_number, idempotency_key)
    if booking.shipped:
        mark_shipped(shipment, booking.tracking_number, Actor.CARRIER, clock.now())


@transaction.atomic
def request_carrier(shipment: Shipment) -> None:
    """Writes down that the carrier is being asked; a parcel that is past that stays where it is."""
    if shipment.status == ShipmentStatus.CREATED and Shipment.objects.move(shipment.pk, ShipmentStatus.REQUESTED):
        _log(shipment, Kind.REQUESTED, Actor.SYSTEM, shipment.carrier)


@transaction.atomic
def call_back(order_id: int, actor: Actor) -> None:
    """Stops the order's parcels, all or none. Raises IllegalMove if one is on its way, or may be; twice is once.

    Of this and a parcel that is marked as shipped at the same moment one wins: both move the parcel's own row.
    """
    parcels = Shipment.objects.select_for_update().filter(order_id=order_id).order_by("pk")
    for shipment in parcels.exclude(status=ShipmentStatus.CANCELLED):
        if not shipment.can_be_called_back:
            raise IllegalMove(f"parcel {shipment} is {shipment.status}: it can't be called back")
        if Shipment.objects.move(shipment.pk, ShipmentStatus.CANCELLED):
            _log(shipment, Kind.CANCELLED, actor)


@transaction.atomic
def mark_shipped(shipment: Shipment, tracking_number: str, actor: Actor, now: datetime) -> bool:
    """The parcel left the house: from now on the receipt is awaited. Twice is once, and the first number stays."""
    due = now + timedelta(days=settings.RECEIPT_DAYS)
    columns = {"tracking_number": tracking_number, "shipped_at": now, "confirm_due_at": due}
    waiting = ReceiptStatus.WAITING
    if not Shipment.objects.move(shipment.pk, ShipmentStatus.SHIPPED, receipt_status=waiting, **columns):
        return False
    _log(shipment, Kind.SHIPPED, actor, tracking_number)
    publish(ShipmentDispatched(**shipment.reference))
    return True


@transaction.atomic
def confirm_receipt(shipment_id: int, actor: Actor) -> bool:
    """The goods are in the customer's hands: by his word, by staff, or by the clock. True for the first to say so."""
    target = ReceiptStatus.AUTO_CONFIRMED if actor == Actor.SYSTEM else ReceiptStatus.CONFIRMED
    if not Shipment.objects.settle_receipt(shipment_id, target):
        return False
    shipment = Shipment.objects.get(pk=shipment_id)
    _log(shipment, Kind.RECEIVED, actor)
    publish(ReceiptConfirmed(**shipment.reference, confirmed_by=actor.value))
    return True


def confirm_if_overdue(shipment_id: int, as_of: datetime) -> bool:
    """Confirms by the clock a receipt that is still awaited and overdue at `as_of`; False if it is not (any more)."""
    with transaction.atomic():
        overdue = Shipment.objects.overdue(as_of).select_for_update().filter(pk=shipment_id).exists()
        return overdue and confirm_receipt(shipment_id, Actor.SYSTEM)


def _log(shipment: Shipment, kind: Kind, actor: Actor, note: str = "") -> None:
    ShipmentEvent.objects.create(shipment=shipment, kind=kind, actor=actor, note=note)
