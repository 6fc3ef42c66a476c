"""What the order system knows."""

from orders.models.callback import PaymentCallback
from orders.models.event import OrderEvent
from orders.models.invoice import Invoice, InvoiceCounter
from orders.models.link import OrderLink
from orders.models.order import LowerCaseEmailField, Order, OrderLine
from orders.models.payment import Payment
from orders.models.quotation import Quotation
from orders.models.refund import Refund, RefundLine
from orders.models.returns import Return, ReturnLine, ReturnPhoto

__all__ = [
    "Invoice",
    "InvoiceCounter",
    "LowerCaseEmailField",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderLink",
    "Payment",
    "PaymentCallback",
    "Quotation",
    "Refund",
    "RefundLine",
    "Return",
    "ReturnLine",
    "ReturnPhoto",
]
