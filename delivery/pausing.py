"""The clock of the receipt stands still while goods of a parcel are to come back. All verbs may be told twice."""

from datetime import datetime

from django.db import transaction

from delivery.lifecycle import Actor, PauseReason, ReceiptStatus
from delivery.models import Shipment, ShipmentEvent
from delivery.services import confirm_receipt

Kind = ShipmentEvent.Kind


@transaction.atomic
def pause_receipts(order_id: int, reason: PauseReason, now: datetime) -> None:
    """Stops the clock of each parcel of the order that waits for its receipt; what was received stays received."""
    waiting = Shipment.objects.filter(order_id=order_id, receipt_status=ReceiptStatus.WAITING).order_by("pk")
    for shipment in list(waiting):
        if Shipment.objects.pause_receipt(shipment.pk, reason, now):
            _log(shipment, Kind.PAUSED, reason.value)


@transaction.atomic
def resume_receipts(order_id: int, now: datetime) -> None:
    """Lets each paused clock go on with the time that it had left."""
    for shipment in _held(order_id, ReceiptStatus.PAUSED):
        if shipment.confirm_due_at is None or shipment.paused_at is None:
            continue  # the table's constraints leave no such row; the types do not know it
        if Shipment.objects.resume_receipt(shipment.pk, shipment.confirm_due_at + (now - shipment.paused_at)):
            _log(shipment, Kind.RESUMED)


@transaction.atomic
def close_receipts(order_id: int) -> None:
    """Goods that came back had arrived: confirms each receipt that is awaited, its clock stopped or not."""
    for shipment in _held(order_id, ReceiptStatus.WAITING, ReceiptStatus.PAUSED):
        confirm_receipt(shipment.pk, Actor.SYSTEM)


def _held(order_id: int, *statuses: ReceiptStatus) -> list[Shipment]:
    parcels = Shipment.objects.select_for_update().filter(order_id=order_id, receipt_status__in=statuses)
    return list(parcels.order_by("pk"))


def _log(shipment: Shipment, kind: Kind, note: str = "") -> None:
    ShipmentEvent.objects.create(shipment=shipment, kind=kind, actor=Actor.SYSTEM, note=note)
