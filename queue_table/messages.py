"""The vocabulary of boxes that never meet: what happened, with ids and no personal data."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something that happened to an order. `customer` is a reference, never a name or an address."""

    kind: ClassVar[str]
    order_id: int
    order_number: str
    customer: str


class OrderPlaced(Message):
    """The order is there and awaits its payment."""

    kind = "order.placed"


class OrderConfirmed(Message):
    """The order is paid: deliver it."""

    kind = "order.confirmed"


class OrderCancelled(Message):
    """Nothing more is to be done; what it held is free."""

    kind = "order.cancelled"


class OrderExpired(Message):
    """Not paid in time; what it held is free."""

    kind = "order.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAnswered(Message):
    """Staff have approved a return, or not."""

    kind = "return.answered"
    return_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentMessage(Message):
    """Something that happened to one parcel of an order."""

    shipment_id: int


class ShipmentRequested(ShipmentMessage):
    """A parcel waits for a carrier."""

    kind = "shipment.requested"


class ShipmentDispatched(ShipmentMessage):
    """The parcel left the house."""

    kind = "shipment.dispatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptConfirmed(ShipmentMessage):
    """The parcel is in the customer's hands. `confirmed_by` is customer, staff or system."""

    kind = "receipt.confirmed"
    confirmed_by: str


def message_kinds() -> dict[str, type[Message]]:
    """Every kind there is, with its class."""
    concrete = [*Message.__subclasses__(), *ShipmentMessage.__subclasses__()]
    return {message.kind: message for message in concrete if "kind" in vars(message)}
