"""What is asked of the gateways. No call is made inside a transaction; each may be repeated, and is one deed."""

from orders.exceptions import GatewayRefused
from orders.lifecycle import Actor, OrderStatus, PaymentStatus, RefundStatus
from orders.models import Payment, Refund
from orders.paying import record_payment
from orders.payments import gateway
from orders.payments.protocol import RepaymentNotice
from orders.refunding import settle_refund
from queue_table import clock

# What is still open when its order ends. Money promised to an expired order is for `payment.late` to decide on.
OPEN = {
    OrderStatus.EXPIRED: {PaymentStatus.PENDING},
    OrderStatus.CANCELLED: {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED},
}


def payment_page(payment: Payment) -> str:
    """Where the customer pays; empty where there is no page. The gateway opens it when it is first asked for.

    Raises GatewayDown or GatewayRefused.
    """
    if payment.page_url:
        return payment.page_url
    page = gateway(payment.gateway).create(payment.charge)
    Payment.objects.filter(pk=payment.pk).update(page_url=page.url, provider_id=page.provider_id)
    return page.url


def stop_open_payments(order_id: int) -> None:
    """Takes back at the gateway what nobody shall pay any more. Money that was quicker is written down instead."""
    for payment in Payment.objects.select_related("order").filter(order_id=order_id, held=""):
        if payment.status in OPEN.get(OrderStatus(payment.order.status), set()):
            stop_payment(payment)


def stop_payment(payment: Payment) -> None:
    """Takes back one that is pending or authorised; does nothing for another."""
    if payment.status in {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED}:
        record_payment(gateway(payment.gateway).cancel(payment.charge), Actor.PROVIDER)


def capture_payment(order_id: int) -> None:
    """Takes the money that was promised for the order; nothing, if it is here already."""
    promised = Payment.objects.select_related("order").filter(settles=order_id, status=PaymentStatus.AUTHORIZED)
    for payment in promised:
        record_payment(gateway(payment.gateway).capture(payment.charge), Actor.PROVIDER)


def send_refund(refund_id: int) -> bool:
    """Has the gateway give the money back. False if it takes its time: ask again later.

    A time-out is no answer: who comes after one asks first what became of it. Nothing to do where staff move the money.
    """
    refund = Refund.objects.select_related("payment__order").get(pk=refund_id)
    if refund.status != RefundStatus.REQUESTED or gateway(refund.payment.gateway).by_hand:
        return True
    notice = _answer(refund)
    settle_refund(notice, Actor.PROVIDER)
    return notice.outcome != RefundStatus.REQUESTED


def _answer(refund: Refund) -> RepaymentNotice:
    port, charge = gateway(refund.payment.gateway), refund.payment.charge
    found = port.find_refund(charge, refund.repayment) if refund.tried_at else None
    if found:
        return found
    Refund.objects.filter(pk=refund.pk, tried_at=None).update(tried_at=clock.now())
    try:
        return port.refund(charge, refund.repayment)
    except GatewayRefused as refusal:
        return RepaymentNotice(reference=refund.reference, outcome=RefundStatus.FAILED, note=str(refusal))
