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


class QuoteAsked(Message):
    """A customer wants to know a price."""

    kind = "quote.asked"


class QuoteOffered(Message):
    """Staff named it; it may be another than before."""

    kind = "quote.offered"


class QuoteDeclined(Message):
    """Staff can't offer it."""

    kind = "quote.declined"


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
class PaymentLate(Message):
    """Money came for an order that awaits none: it is over, or paid already."""

    kind = "payment.late"
    payment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundMessage(Message):
    """Something that happened to money on its way back."""

    refund_id: int


class RefundRequested(RefundMessage):
    """Give it back."""

    kind = "refund.requested"


class RefundDone(RefundMessage):
    """It was given back."""

    kind = "refund.done"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReturned(RefundMessage):
    """Pieces of these skus are ours again, and can be sold."""

    kind = "goods.returned"
    quantities: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnMessage(Message):
    """Something that happened to a return of an order's goods."""

    return_id: int


class ReturnOpened(ReturnMessage):
    """Goods are to come back, if staff agree or need not be asked."""

    kind = "return.opened"


class PurchaseWithdrawn(ReturnMessage):
    """The customer made use of his right to withdraw: his statement has to be confirmed to him."""

    kind = "purchase.withdrawn"


class ReturnAnswered(ReturnMessage):
    """Staff have approved a return, or not, or have closed one of which nothing came."""

    kind = "return.answered"


class ReturnReceived(ReturnMessage):
    """The goods are back with us, and counted."""

    kind = "return.received"


class ReturnEnded(ReturnMessage):
    """Nothing more comes of it: refused, withdrawn, closed or paid back."""

    kind = "return.ended"


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
    families = (Message, ReturnMessage, ShipmentMessage, RefundMessage)
    concrete = [message for family in families for message in family.__subclasses__()]
    return {message.kind: message for message in concrete if "kind" in vars(message)}
