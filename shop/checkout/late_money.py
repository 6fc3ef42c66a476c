"""Money that comes when its order awaits none: the goods are held again and the order goes on, or it goes back."""

from django.db import transaction

from orders.lifecycle import Actor, OrderStatus, PaymentStatus
from orders.models import Order, Payment, Refund
from orders.paying import revive_order
from orders.refunding import start_refund
from orders.tasks import stop_payment
from queue_table.outbox import enqueue_once
from shop.catalogue import stock
from shop.catalogue.exceptions import OutOfStock
from shop.checkout import vouchers
from shop.checkout.buyers import Buyer
from shop.checkout.exceptions import ChoiceRefused

OVER = {OrderStatus.EXPIRED, OrderStatus.CANCELLED}


@transaction.atomic
def settle_late_money(order_id: int, payment_id: int) -> None:
    """Finds the money its goods, or sends it back: one of the two, in one transaction. Safe to repeat."""
    order = Order.objects.select_for_update().get(pk=order_id)
    payment = Payment.objects.get(pk=payment_id)
    if payment.settles_id:
        return
    if order.status == OrderStatus.EXPIRED and _hold_again(order):
        revive_order(order.pk, payment)
    else:
        _give_back(order, payment)


def _hold_again(order: Order) -> bool:
    # Perhaps the jobs that free what the expired order held are still to come: then they will find it done.
    stock.release(order.number)
    vouchers.give_back(order.number)
    quantities = {line.sku: line.quantity for line in order.lines.all()}
    held = stock.second_hold(order.number)
    try:
        with transaction.atomic():
            stock.reserve(quantities, held)
            if order.voucher_code:
                buyer = Buyer(order.customer, order.email)
                vouchers.take_again(order.voucher_code, buyer=buyer, order_number=held)
    except (OutOfStock, ChoiceRefused):
        return False
    return True


def _give_back(order: Order, payment: Payment) -> None:
    if payment.status == PaymentStatus.AUTHORIZED:
        kwargs = {"payment_id": payment.pk}
        enqueue_once(stop_payment, f"stop:{payment.pk}", kind="payment.stop", order_id=order.pk, kwargs=kwargs)
    elif payment.left > 0:
        reason = Refund.Reason.LATE if order.status in OVER else Refund.Reason.TWICE
        start_refund(order.pk, payment=payment, reason=reason, actor=Actor.SYSTEM)
