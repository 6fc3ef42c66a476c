"""The states of an order, of a payment and of a return, and who may act."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderStatus(models.TextChoices):
    PENDING = ("pending", _("awaiting payment"))  # -> confirmed, when paid; -> cancelled; -> expired, at pay_by
    CONFIRMED = "confirmed", _("paid")  # -> completed, when the receipt is confirmed
    COMPLETED = "completed", _("completed")  # the end: in the customer's hands
    CANCELLED = "cancelled", _("cancelled")  # the end: stopped before it was paid
    EXPIRED = "expired", _("not paid in time")  # the end: the stock went back


ORDER_SOURCES: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PENDING}),
    OrderStatus.COMPLETED: frozenset({OrderStatus.CONFIRMED}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.PENDING}),
    OrderStatus.EXPIRED: frozenset({OrderStatus.PENDING}),
}


class PaymentStatus(models.TextChoices):
    PENDING = ("pending", _("awaited"))  # -> paid | failed | voided, by the gateway's word
    PAID = "paid", _("paid")  # the end: the money is ours
    FAILED = ("failed", _("failed"))  # the end: refused; the customer may start another payment
    VOIDED = ("voided", _("given up"))  # the end: the customer turned back; he may start another payment


PAYMENT_SOURCES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.PAID: frozenset({PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.VOIDED}),
    PaymentStatus.FAILED: frozenset({PaymentStatus.PENDING}),
    PaymentStatus.VOIDED: frozenset({PaymentStatus.PENDING}),
}


class ReturnStatus(models.TextChoices):
    REQUESTED = ("requested", _("asked for"))  # -> approved | rejected, by staff; -> cancelled, by the customer
    APPROVED = "approved", _("approved")  # -> in_transit, when the goods are sent back
    REJECTED = "rejected", _("not accepted")  # the end: the note says why
    CANCELLED = "cancelled", _("withdrawn")  # the end: the customer keeps the goods
    IN_TRANSIT = "in_transit", _("on its way back")  # -> received
    RECEIVED = "received", _("back with us")  # -> refunded
    REFUNDED = "refunded", _("paid back")  # the end


RETURN_SOURCES: dict[ReturnStatus, frozenset[ReturnStatus]] = {
    ReturnStatus.APPROVED: frozenset({ReturnStatus.REQUESTED}),
    ReturnStatus.REJECTED: frozenset({ReturnStatus.REQUESTED}),
    ReturnStatus.CANCELLED: frozenset({ReturnStatus.REQUESTED}),
    ReturnStatus.IN_TRANSIT: frozenset({ReturnStatus.APPROVED}),
    ReturnStatus.RECEIVED: frozenset({ReturnStatus.IN_TRANSIT}),
    ReturnStatus.REFUNDED: frozenset({ReturnStatus.RECEIVED}),
}


class Actor(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("the system")
    PROVIDER = "provider", _("payment provider")
