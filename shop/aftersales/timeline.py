"""Where an order and its parcels stand, as steps: done, now, to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.lifecycle import RECEIVED
from delivery.models import Shipment, ShipmentEvent
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
PARCEL_WORDS: dict[str, str | Promise] = {
    ShipmentEvent.Kind.OPENED: _("We began to pack it"),
    ShipmentEvent.Kind.REQUESTED: _("The carrier was asked to fetch it"),
    ShipmentEvent.Kind.SHIPPED: _("It left our house"),
    ShipmentEvent.Kind.RECEIVED: _("It was received"),
    ShipmentEvent.Kind.CANCELLED: _("We called it back: it stays here"),
    ShipmentEvent.Kind.PAUSED: _("The time to confirm the receipt stands still"),
    ShipmentEvent.Kind.RESUMED: _("The time to confirm the receipt goes on"),
}


@dataclass(frozen=True)
class Step:
    title: str | Promise
    state: str  # done, stopped, now or todo
    at: datetime | None = None


def timeline(order: Order, events: Sequence[OrderEvent], shipments: Sequence[Shipment]) -> list[Step]:
    """The order's steps; what is done comes from the order log, with its times."""
    times = {event.kind: event.at for event in events}
    if Kind.AUTHORIZED in times:  # promised is good enough: the gateway holds the money for us
        times.setdefault(Kind.PAID, times[Kind.AUTHORIZED])
    path = [Kind.PLACED, STOPPED[order.status]] if order.status in STOPPED else PATH
    coming = [kind for kind in path if kind not in times]
    return [
        Step(kind.label, "stopped" if kind in STOPPED.values() else "done", times[kind])
        if kind in times
        else Step(_now_word(kind, shipments), "now")
        if kind == coming[0]
        else Step(kind.label, "todo")
        for kind in path
    ]


def parcel_news(shipment: Shipment) -> list[Step]:
    """The parcel's own log in the customer's words, newest first."""
    events = reversed(shipment.events.all())
    return [Step(PARCEL_WORDS[event.kind], "done", event.at) for event in events]


def _now_word(kind: Kind, shipments: Sequence[Shipment]) -> str | Promise:
    has_all = bool(shipments) and all(shipment.receipt_status in RECEIVED for shipment in shipments)
    return CLOSING if kind == Kind.COMPLETED and has_all else NOW_WORDS[kind]
