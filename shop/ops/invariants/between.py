"""What is always true between the boxes. Work that still lies in the queue is not missing: it will be done."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Sum

from delivery.lifecycle import ShipmentStatus
from delivery.models import Shipment
from orders.lifecycle import OrderStatus
from orders.models import Order, OrderLine
from queue_table.invariant import Broken, Invariant, Span
from queue_table.pending import orders_named, orders_waiting
from shop.catalogue.models import StockMovement
from shop.catalogue.stock import second_hold

Kind = StockMovement.Kind
BOUGHT = frozenset({OrderStatus.CONFIRMED, OrderStatus.COMPLETED})
OPEN = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED})
MOVING = frozenset({ShipmentStatus.CREATED, ShipmentStatus.REQUESTED, ShipmentStatus.SHIPPED})
REQUEST, SHIP = "shop.checkout.tasks.request_delivery", "shop.catalogue.tasks.ship_stock"
RELEASE, RELEASE_ALL = "shop.catalogue.tasks.release_stock", "shop.catalogue.tasks.release_all_stock"


def _undelivered(span: Span) -> Iterator[Broken]:
    asked = set(Shipment.objects.filter(**span.of("order_id")).values_list("order_id", flat=True))
    settled = asked | orders_waiting(span, task=REQUEST)
    bought = Order.objects.filter(**span.of(), status__in=BOUGHT).order_by("pk")
    for key, number in bought.values_list("pk", "number"):
        if key not in settled:
            yield Broken(key, f"Order {number} is paid, has no parcel, and no job will open one.")


def _unwanted_parcels(span: Span) -> Iterator[Broken]:
    orders = {key: row for key, *row in Order.objects.filter(**span.of()).values_list("pk", "number", "status")}
    stopping = orders_waiting(span, kind="order.cancelled")
    parcels = Shipment.objects.filter(**span.of("order_id"), status__in=MOVING).order_by("order_id")
    for key, number in parcels.values_list("order_id", "order_number"):
        own_number, status = orders.get(key, ["", "unknown"])
        if (own_number != number or status not in BOUGHT) and key not in stopping:
            yield Broken(key, f"A parcel of order {number} is on its way, and the order is {status}.")


def _nobodys_jobs(span: Span) -> Iterator[Broken]:
    known = set(Order.objects.filter(**span.of()).values_list("pk", flat=True))
    for key in sorted(orders_named(span) - known):
        yield Broken(key, f"Jobs name order {key}, and there is no such order.")


def _wrong_holds(span: Span) -> Iterator[Broken]:
    orders = list(Order.objects.filter(**span.of()).order_by("pk").values_list("pk", "number", "status"))
    lines = OrderLine.objects.filter(**span.of("order_id")).order_by().values_list("order_id")
    pieces = dict(lines.annotate(pieces=Sum("quantity")))
    moved = _moved(number for _, number, _ in orders)
    settling = set().union(*(orders_waiting(span, task=task) for task in (RELEASE, RELEASE_ALL, SHIP)))
    for key, number, status in orders:
        left = moved[number]
        held = left[Kind.RESERVED] - left[Kind.RELEASED] - left[Kind.SHIPPED]
        wanted = pieces.get(key, 0) if status in OPEN and not left[Kind.SHIPPED] else 0
        if held != wanted and key not in settling:
            yield Broken(key, f"Order {number} is {status} and holds {held} instead of {wanted} pieces.")


def _unshipped_stock(span: Span) -> Iterator[Broken]:
    left = set(
        Shipment.objects.filter(**span.of("order_id"), shipped_at__isnull=False).values_list("order_id", flat=True)
    )
    orders = Order.objects.filter(**span.of()).order_by("pk").values_list("pk", "number")
    numbers = {key: number for key, number in orders if key in left}
    moved, shipping = _moved(numbers.values()), orders_waiting(span, task=SHIP)
    for key, number in numbers.items():
        if not moved[number][Kind.SHIPPED] and key not in shipping:
            yield Broken(key, f"The parcel of order {number} left, and its pieces still count as here.")


def _moved(numbers: Iterable[str]) -> defaultdict[str, Counter[str]]:
    """Pieces by order number and kind of movement, of the first hold and of the one for late money."""
    moved: defaultdict[str, Counter[str]] = defaultdict(Counter)
    owners = {name: number for number in numbers for name in (number, second_hold(number))}
    rows = StockMovement.objects.filter(reference__in=list(owners)).order_by().values_list("reference", "kind")
    for reference, kind, pieces in rows.annotate(pieces=Sum("quantity")):
        moved[owners[reference]][kind] += pieces
    return moved


INVARIANTS = [
    Invariant(
        name="paid-orders-are-delivered",
        sentence="Each order that was paid has its parcel, or a job that opens it.",
        advice="See the order's failed jobs in the queue's admin, mend the cause, and run them again.",
        broken=_undelivered,
        rows=Order.objects.all,
    ),
    Invariant(
        name="parcels-have-a-paid-order",
        sentence="No parcel is on its way for an order that is unpaid or over.",
        advice="Stop the parcel in the warehouse before it leaves.",
        broken=_unwanted_parcels,
        rows=Order.objects.all,
    ),
    Invariant(
        name="jobs-have-their-order",
        sentence="Each order that a job names exists.",
        advice="The order is lost: restore it from a backup before its jobs run.",
        broken=_nobodys_jobs,
        rows=Order.objects.all,
    ),
    Invariant(
        name="orders-hold-their-pieces",
        sentence="An open order holds its pieces until they are sent; one that is over holds none.",
        advice="Run the order's failed jobs again (release_stock, ship_stock), or count the shelf and adjust.",
        broken=_wrong_holds,
        rows=Order.objects.all,
        at_once=1000,
    ),
    Invariant(
        name="sent-pieces-left-the-stock",
        sentence="The pieces of a parcel that left have left the stock.",
        advice="See the order's failed job ship_stock and run it again.",
        broken=_unshipped_stock,
        rows=Order.objects.all,
        at_once=1000,
    ),
]
