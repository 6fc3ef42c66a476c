"""What is always true of parcels."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count

from delivery.lifecycle import RECEIVED, ReceiptStatus, ShipmentStatus
from delivery.models import Shipment, ShipmentEvent
from queue_table.invariant import Broken, Invariant, Span

Kind = ShipmentEvent.Kind
LOGGED: dict[str, frozenset[Kind]] = {  # what the log of a parcel holds that came so far, each once
    ShipmentStatus.CREATED: frozenset({Kind.OPENED}),
    ShipmentStatus.REQUESTED: frozenset({Kind.OPENED, Kind.REQUESTED}),
    ShipmentStatus.SHIPPED: frozenset({Kind.OPENED, Kind.REQUESTED, Kind.SHIPPED}),
    ShipmentStatus.CANCELLED: frozenset({Kind.OPENED, Kind.CANCELLED}),  # the carrier was asked before, or not
}
STANDSTILLS = (Kind.PAUSED, Kind.RESUMED)  # these come as often as the clock of the receipt stands still


def _unlogged_moves(span: Span) -> Iterator[Broken]:
    events = ShipmentEvent.objects.filter(**span.of("shipment_id")).order_by()
    logs: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for key, kind, times in events.values_list("shipment_id", "kind").annotate(times=Count("pk")):
        logs[key][kind] = times
    parcels = Shipment.objects.filter(**span.of()).order_by("pk")
    for key, number, status, receipt in parcels.values_list("pk", "order_number", "status", "receipt_status"):
        received = {Kind.RECEIVED} if receipt in RECEIVED else set()
        if status == ShipmentStatus.CANCELLED:
            logs[key].pop(Kind.REQUESTED, None)
        began, ended = (logs[key].pop(kind, 0) for kind in STANDSTILLS)
        stands = receipt in RECEIVED or began - ended == (receipt == ReceiptStatus.PAUSED)
        if not stands or logs[key] != dict.fromkeys(LOGGED[status] | received, 1):
            yield Broken(key, f"A parcel of order {number} is {status}, {receipt}, and its log says otherwise.")


INVARIANTS = [
    Invariant(
        name="parcel-moves-are-logged",
        sentence="Each step of a parcel stands in its log, once.",
        advice="Rows were changed past the shop: ask the carrier where the parcel is, and compare with a backup.",
        broken=_unlogged_moves,
        rows=Shipment.objects.all,
    ),
]
