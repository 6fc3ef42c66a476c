"""Guarded moves of a parcel: one UPDATE that names the states it may come from."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from delivery.exceptions import IllegalMove
from delivery.lifecycle import RECEIPT_SOURCES, SHIPMENT_SOURCES, ReceiptStatus, ShipmentStatus

if TYPE_CHECKING:
    from delivery.models import Shipment  # noqa: F401 (named in quotes)

RECEIVED = frozenset({ReceiptStatus.CONFIRMED, ReceiptStatus.AUTO_CONFIRMED})


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def move(self, pk: int, target: ShipmentStatus, **columns: Any) -> bool:
        """Moves one parcel. True if this call did it, False if it was there already; else raises IllegalMove."""
        sources = SHIPMENT_SOURCES[target]
        return self._guarded(pk, {"status__in": sources}, {"status": target, **columns}, {target})

    def settle_receipt(self, pk: int, target: ReceiptStatus) -> bool:
        """Ends the wait for the receipt. False if it had ended, by whomever; raises IllegalMove before shipping."""
        sources = RECEIPT_SOURCES[target]
        return self._guarded(pk, {"receipt_status__in": sources}, {"receipt_status": target}, RECEIVED)

    def _guarded(self, pk: int, guard: dict[str, Any], change: dict[str, Any], there: Any) -> bool:
        if self.filter(pk=pk, **guard).update(**change):
            return True
        column = next(iter(change))
        value = self.values_list(column, flat=True).get(pk=pk)
        if value in there:
            return False
        raise IllegalMove(f"parcel {pk} is {value}: it can't become {change[column]}")

    def overdue(self, as_of: datetime) -> Self:
        """Parcels whose receipt nobody confirmed in time, as of a moment."""
        return self.filter(receipt_status=ReceiptStatus.WAITING, confirm_due_at__lte=as_of)
