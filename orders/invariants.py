"""What is always true of orders and money."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db.models import Count, F, Max, Sum

from orders.lifecycle import OrderStatus, PaymentStatus
from orders.models import Invoice, InvoiceCounter, Order, OrderEvent, OrderLine, Payment
from orders.proving import broken_logs
from orders.querysets import LESS_THAN_ANY_COIN
from queue_table.invariant import Broken, Invariant, Span

BOUGHT = frozenset({OrderStatus.CONFIRMED, OrderStatus.COMPLETED})
GOOD = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}
DECIDED = {OrderEvent.Kind.PAYMENT_HELD, OrderEvent.Kind.PAYMENT_LATE, OrderEvent.Kind.REFUND_STARTED}
RESTORE = "Compare the order with your last backup before anybody works on it: rows were changed past the shop."


def _torn_logs(span: Span) -> Iterator[Broken]:
    for log in broken_logs(*span):
        yield Broken(log.order_id, f"Order {log.number}: {log.fault}")


def _unlogged_moves(span: Span) -> Iterator[Broken]:
    moves = OrderEvent.objects.filter(**span.of("order_id"), subject="").exclude(to_status="")
    rows = moves.order_by("order_id", "position").values_list("order_id", "from_status", "to_status")
    logs = {key: [row[1:] for row in own] for key, own in groupby(rows, key=itemgetter(0))}
    for key, number, status in Order.objects.filter(**span.of()).order_by("pk").values_list("pk", "number", "status"):
        log = logs.get(key, [])
        steps = [("", ""), *log]
        if not log or log[-1][1] != status:
            yield Broken(key, f"Order {number} is {status}, and its log says {log[-1][1] if log else 'nothing'}.")
        elif any(before[1] != after[0] for before, after in zip(steps, log, strict=False)):
            yield Broken(key, f"Order {number}: a move in its log does not begin where the one before it ended.")


def _odd_sums(span: Span) -> Iterator[Broken]:
    goods = Sum(F("unit_price") * F("quantity"))
    lines = OrderLine.objects.filter(**span.of("order_id")).order_by().values_list("order_id")
    sums = {key: made for key, *made in lines.annotate(goods=goods, off=Sum("discount"), taxes=Sum("tax"))}
    for order in Order.objects.filter(**span.of()).order_by("pk").only("number", "subtotal", "discount", "tax"):
        if order.pk not in sums:
            yield Broken(order.pk, f"Order {order.number} has no lines.")
            continue
        made, off, taxes = sums[order.pk]
        if _differ(made, order.subtotal) or _differ(off, order.discount) or taxes - order.tax >= LESS_THAN_ANY_COIN:
            yield Broken(order.pk, f"Order {order.number}: its lines do not make its sums.")


def _differ(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) >= LESS_THAN_ANY_COIN


def _unpaid_goods(span: Span) -> Iterator[Broken]:
    bought = Order.objects.filter(**span.of(), status__in=BOUGHT, total__gt=0).order_by("pk")
    rows = Payment.objects.filter(**span.of("order_id"), settles=F("order"), status__in=GOOD)
    money = Counter(rows.values_list("order_id", "amount", "currency"))
    for key, number, total, currency in bought.values_list("pk", "number", "total", "currency"):
        if not money[key, total, currency]:
            yield Broken(key, f"Order {number} goes on, and no payment of {total} {currency} came for it.")


def _homeless_money(span: Span) -> Iterator[Broken]:
    """Money settles an order that went on, or goes back, or it was told to whom decides on it."""
    events = OrderEvent.objects.filter(**span.of("order_id"), kind__in=DECIDED)
    held = Counter(events.values_list("order_id", flat=True))
    bought = set(Order.objects.filter(**span.of(), status__in=BOUGHT, total__gt=0).values_list("pk", flat=True))
    paid = Payment.objects.filter(**span.of("order_id"), status=PaymentStatus.PAID)
    rows = paid.order_by("order_id").values_list("order_id", "order__number").annotate(times=Count("pk"))
    for key, number, times in rows:
        if times > held[key] + (key in bought):
            yield Broken(key, f"Order {number}: {times} payments came, and not each has its order or its decision.")


def _open_twice(span: Span) -> Iterator[Broken]:
    waiting = Payment.objects.filter(**span.of("order_id"), status=PaymentStatus.PENDING, held="").order_by("order_id")
    counted = waiting.values_list("order_id", "order__number").annotate(times=Count("pk")).filter(times__gt=1)
    for key, number, times in counted:
        yield Broken(key, f"Order {number} has {times} open payments.")


def _invoice_gaps(_span: Span) -> Iterator[Broken]:
    told = Invoice.objects.aggregate(count=Count("pk"), highest=Max("number"))
    count, highest = told["count"], told["highest"] or 0
    last = InvoiceCounter.objects.values_list("last", flat=True).first() or 0
    if not count == highest == last:
        yield Broken(1, f"There are {count} invoices, the highest number is {highest}, the counter stands at {last}.")


INVARIANTS = [
    Invariant(
        name="order-logs-are-whole",
        sentence="No row of an order's log was changed, put in, taken out or cut off at the end.",
        advice=RESTORE,
        broken=_torn_logs,
        rows=Order.objects.all,
    ),
    Invariant(
        name="order-moves-are-logged",
        sentence="An order stands where its log says, and each move begins where the one before it ended.",
        advice=RESTORE,
        broken=_unlogged_moves,
        rows=Order.objects.all,
    ),
    Invariant(
        name="order-sums-fit-lines",
        sentence="The lines of an order make its sums.",
        advice="Charge and refund nothing on this order before somebody has looked at its lines and its payments.",
        broken=_odd_sums,
        rows=Order.objects.all,
    ),
    Invariant(
        name="goods-are-paid",
        sentence="An order that goes on was paid: its total, in its currency.",
        advice="Ask the payment provider for this order's payments. Stop its parcel if there is no money.",
        broken=_unpaid_goods,
        rows=Order.objects.all,
    ),
    Invariant(
        name="money-has-its-place",
        sentence="Money that came settles an order, or is held for staff.",
        advice="Give the money back, or the customer his goods: the payments stand on the order's page.",
        broken=_homeless_money,
        rows=Order.objects.all,
    ),
    Invariant(
        name="one-open-payment",
        sentence="An order awaits at most one payment at a time.",
        advice="The customer may pay twice: close one of the payments at the provider.",
        broken=_open_twice,
        rows=Order.objects.all,
    ),
    Invariant(
        name="invoices-without-gap",
        sentence="Invoice numbers begin at 1 and have no gap.",
        advice="Do not issue a number by hand. Restore the missing invoice from a backup, and tell your accountant.",
        broken=_invoice_gaps,
    ),
]
