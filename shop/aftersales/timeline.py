"""Where an order stands, as steps: done, now, to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.lifecycle import RECEIVED
from delivery.models import Shipment
from orders.lifecycle import OrderStatus
from orders.models import Order, OrderEvent

Kind = OrderEvent.Kind
PATH = [Kind.PLACED, Kind.PAID, Kind.DISPATCHED, Kind.COMPLETED]
NOW_WORDS = {
    Kind.PAID: _("Waiting for your payment"),
    Kind.DISPATCHED: _("We are packing your parcel"),
    Kind.COMPLETED: _("Waiting for you to receive it"),
}
CLOSING = _("You have it. We are closing the order.")
STOPPED: dict[str, Kind] = {OrderStatus.CANCELLED: Kind.CANCELLED, OrderStatus.EXPIRED: Kind.EXPIRED}


@dataclass(frozen=True)
class Step:
    title: str | Promise
    state: str  # done, now or todo
    at: datetime | None = None
    note: str = ""


def timeline(order: Order, shipments: Sequence[Shipment]) -> list[Step]:
    """The order's steps; what is done comes from the order log, with its times."""
    times = {event.kind: event.at for event in order.events.all()}
    numbers = ", ".join(shipment.tracking_number for shipment in shipments if shipment.tracking_number)
    path = [Kind.PLACED, STOPPED[order.status]] if order.status in STOPPED else PATH
    coming = [kind for kind in path if kind not in times]
    return [
        Step(kind.label, "done", times[kind], numbers if kind == Kind.DISPATCHED else "")
        if kind in times
        else Step(_now_word(kind, shipments), "now")
        if kind == coming[0]
        else Step(kind.label, "todo")
        for kind in path
    ]


def _now_word(kind: Kind, shipments: Sequence[Shipment]) -> str | Promise:
    has_all = bool(shipments) and all(shipment.receipt_status in RECEIVED for shipment in shipments)
    return CLOSING if kind == Kind.COMPLETED and has_all else NOW_WORDS[kind]
