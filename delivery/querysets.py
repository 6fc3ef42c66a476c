"""Guarded moves of a parcel: one UPDATE that names the states it may come from."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from delivery.exceptions import IllegalMove
from delivery.lifecycle import RECEIPT_SOURCES, RECEIVED, SHIPMENT_SOURCES, ReceiptStatus, ShipmentStatus
from queue_table.guards import standing

if TYPE_CHECKING:
    from delivery.models import Shipment  # noqa: F401 (named in quotes)


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def move(self, pk: int, target: ShipmentStatus, **columns: Any) -> bool:
        """Moves one parcel. True if this call did it, False if it was there already; else raises IllegalMove."""
        return self._guarded(pk, SHIPMENT_SOURCES[target], {"status": target, **columns}, {target})

    def settle_receipt(self, pk: int, target: ReceiptStatus) -> bool:
        """Ends the wait for the receipt. False if it had ended, by whomever; raises IllegalMove before shipping."""
        return self._guarded(pk, RECEIPT_SOURCES[target], {"receipt_status": target}, RECEIVED)

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
