"""Guarded moves of a parcel: one UPDATE that names the states it may come from."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from delivery.exceptions import IllegalMove
from delivery.lifecycle import (
    RECEIPT_SOURCES,
    RECEIVED,
    SHIPMENT_SOURCES,
    PauseReason,
    ReceiptStatus,
    ShipmentStatus,
)
from queue_table.guards import standing

if TYPE_CHECKING:
    from delivery.models import Shipment  # noqa: F401 (named in quotes)


RUNNING: dict[str, Any] = {"paused_at": None, "paused_reason": ""}


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def move(self, pk: int, target: ShipmentStatus, **columns: Any) -> bool:
        """Moves one parcel. True if this call did it, False if it was there already; else raises IllegalMove."""
        return self._guarded(pk, SHIPMENT_SOURCES[target], {"status": target, **columns}, {target})

    def settle_receipt(self, pk: int, target: ReceiptStatus) -> bool:
        """Ends the wait for the receipt. False if it had ended, by whomever; raises IllegalMove before shipping."""
        return self._guarded(pk, RECEIPT_SOURCES[target], {"receipt_status": target, **RUNNING}, RECEIVED)

    def pause_receipt(self, pk: int, reason: PauseReason, now: datetime) -> bool:
        """Stops the clock of the receipt. False if it stands still already, or if the wait is over."""
        change = {"receipt_status": ReceiptStatus.PAUSED, "paused_at": now, "paused_reason": reason}
        return self._guarded(pk, RECEIPT_SOURCES[ReceiptStatus.PAUSED], change, {ReceiptStatus.PAUSED, *RECEIVED})

    def resume_receipt(self, pk: int, due: datetime) -> bool:
        """Lets the clock go on until `due`. False if it was not paused."""
        change = {"receipt_status": ReceiptStatus.WAITING, "confirm_due_at": due, **RUNNING}
        return self._guarded(pk, {ReceiptStatus.PAUSED}, change, {ReceiptStatus.WAITING, *RECEIVED})

    def _guarded(self, pk: int, sources: Any, change: dict[str, Any], there: Any) -> bool:
        column = next(iter(change))
        if standing(self, column, sources).filter(pk=pk).update(**change):
            return True
        value = self.values_list(column, flat=True).get(pk=pk)
        if value in there:
            return False
        raise IllegalMove(f"parcel {pk} is {value}: it can't become {change[column]}")

    def overdue(self, as_of: datetime) -> Self:
        """Parcels whose receipt nobody confirmed in time, as of a moment."""
        return self.filter(receipt_status=ReceiptStatus.WAITING, confirm_due_at__lte=as_of)
