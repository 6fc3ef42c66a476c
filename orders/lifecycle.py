"""The states of an order, of a payment and of a return, and who may act."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderStatus(models.TextChoices):
    DRAFT = ("draft", _("quote"))  # -> pending, when the customer takes the quote; -> cancelled; -> expired
    PENDING = ("pending", _("awaiting payment"))  # -> confirmed, when paid; -> cancelled; -> expired, at pay_by
    CONFIRMED = ("confirmed", _("paid"))  # -> completed, when the receipt is confirmed; -> cancelled, until shipped
    COMPLETED = "completed", _("completed")  # the end: in the customer's hands
    CANCELLED = "cancelled", _("cancelled")  # the end: stopped before it was shipped; what was paid goes back
    EXPIRED = ("expired", _("not paid in time"))  # the stock went back; -> confirmed, by late money and stock again


ORDER_SOURCES: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.DRAFT}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PENDING, OrderStatus.EXPIRED}),
    OrderStatus.COMPLETED: frozenset({OrderStatus.CONFIRMED}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.DRAFT}),
    OrderStatus.EXPIRED: frozenset({OrderStatus.PENDING, OrderStatus.DRAFT}),
}


class PaymentStatus(models.TextChoices):
    PENDING = ("pending", _("awaited"))  # -> authorized | paid | failed | voided, by the gateway's word
    AUTHORIZED = ("authorized", _("promised"))  # -> paid, when it is captured; -> voided, when the order is cancelled
    PAID = ("paid", _("paid"))  # the money is ours; -> partially_refunded | refunded
    PARTIALLY_REFUNDED = ("partially_refunded", _("partly paid back"))  # -> refunded
    REFUNDED = "refunded", _("paid back")  # the end: nothing of it is ours any more
    FAILED = ("failed", _("failed"))  # refused; the customer may start another payment; -> paid, if money comes yet
    VOIDED = ("voided", _("given up"))  # the customer turned back, or we did; -> paid, if money comes yet


UNPAID = frozenset({PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.VOIDED})
CAPTURED = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED})
PAYMENT_SOURCES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.AUTHORIZED: UNPAID,
    PaymentStatus.PAID: UNPAID | {PaymentStatus.AUTHORIZED},
    PaymentStatus.PARTIALLY_REFUNDED: CAPTURED | UNPAID,  # of the unpaid: money that did not fit and was held
    PaymentStatus.REFUNDED: CAPTURED | UNPAID,
    PaymentStatus.FAILED: frozenset({PaymentStatus.PENDING}),
    PaymentStatus.VOIDED: frozenset({PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}),
}


class RefundStatus(models.TextChoices):
    REQUESTED = ("requested", _("on its way"))  # -> done | failed, by the gateway's word or by staff
    DONE = "done", _("paid back")  # the end: the money left us
    FAILED = "failed", _("refused")  # the end: the money is still ours, and may be given back by another refund


REFUND_SOURCES: dict[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.DONE: frozenset({RefundStatus.REQUESTED}),
    RefundStatus.FAILED: frozenset({RefundStatus.REQUESTED}),
}


class CallbackStatus(models.TextChoices):
    RECEIVED = ("received", _("waits"))  # -> applied | ignored | held, by its job
    APPLIED = "applied", _("applied")  # the end: what it says is written down
    IGNORED = "ignored", _("says nothing to us")  # the end: another kind of news, or another shop's
    HELD = ("held", _("held for staff"))  # not understood, of no payment of ours, or a known id with another body


class ReturnStatus(models.TextChoices):
    REQUESTED = ("requested", _("asked for"))  # -> approved | rejected, by staff; -> cancelled, by the customer
    APPROVED = "approved", _("approved")  # -> in_transit, when the goods are sent back; -> received; -> cancelled
    REJECTED = "rejected", _("not accepted")  # the end: the note says why
    CANCELLED = "cancelled", _("withdrawn")  # the end: the customer keeps the goods
    IN_TRANSIT = ("in_transit", _("on its way back"))  # -> received; -> cancelled, by staff, when nothing ever came
    RECEIVED = "received", _("back with us")  # -> refunded; staff have counted what came
    REFUNDED = "refunded", _("paid back")  # the end


RETURN_SOURCES: dict[ReturnStatus, frozenset[ReturnStatus]] = {
    ReturnStatus.APPROVED: frozenset({ReturnStatus.REQUESTED}),
    ReturnStatus.REJECTED: frozenset({ReturnStatus.REQUESTED}),
    ReturnStatus.CANCELLED: frozenset({ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT}),
    ReturnStatus.IN_TRANSIT: frozenset({ReturnStatus.APPROVED}),
    ReturnStatus.RECEIVED: frozenset({ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT}),
    ReturnStatus.REFUNDED: frozenset({ReturnStatus.RECEIVED}),
}
RUNNING = frozenset({ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.IN_TRANSIT, ReturnStatus.RECEIVED})


class Actor(models.TextChoices):
    CUSTOMER = "customer", _("customer")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("the system")
    PROVIDER = "provider", _("payment provider")
