"""What is always true of the stock."""

from collections.abc import Iterator

from django.db.models import Case, F, Sum, Value, When

from queue_table.invariant import Broken, Invariant, Span
from shop.catalogue.models import Stock, StockMovement

Kind = StockMovement.Kind
EFFECTS = {  # what one piece of a movement adds to the pieces on hand, and to those reserved
    Kind.RECEIVED: (1, 0),
    Kind.RESERVED: (0, 1),
    Kind.RELEASED: (0, -1),
    Kind.SHIPPED: (-1, -1),
    Kind.RETURNED: (1, 0),
    Kind.ADJUSTED: (1, 0),
}


def _sum(place: int) -> Sum:
    signs = [When(kind=kind, then=Value(effect[place])) for kind, effect in EFFECTS.items()]
    return Sum(F("quantity") * Case(*signs, default=Value(0)))


def _wrong_counts(span: Span) -> Iterator[Broken]:
    rows = StockMovement.objects.filter(**span.of("stock_id")).order_by().values("stock_id")
    sums = rows.annotate(on_hand=_sum(0), reserved=_sum(1)).values_list("stock_id", "on_hand", "reserved")
    moved = {key: (on_hand, reserved) for key, on_hand, reserved in sums}
    stocks = Stock.objects.filter(**span.of()).order_by("pk").values_list("pk", "variant__sku", "on_hand", "reserved")
    for key, sku, on_hand, reserved in stocks:
        made = moved.get(key, (0, 0))
        if (on_hand, reserved) != made or not 0 <= reserved <= on_hand:
            text = f"{sku}: {on_hand} on hand, {reserved} reserved; its movements make {made[0]} and {made[1]}."
            yield Broken(key, text)


def _settled_twice(span: Span) -> Iterator[Broken]:
    rows = StockMovement.objects.filter(**span.of("stock_id")).order_by("stock_id").values("stock_id", "reference")
    over = rows.annotate(held=_sum(1)).filter(held__lt=0)
    for key, reference, held in over.values_list("stock_id", "reference", "held"):
        yield Broken(key, f"Stock {key}: {reference} gave back or sent {-held} more than it held.")


INVARIANTS = [
    Invariant(
        name="stock-fits-movements",
        sentence="The pieces of each sku are the sum of its movements, and never more are reserved than are there.",
        advice="Count the shelf, then adjust the stock in the admin: the adjustment is a movement too.",
        broken=_wrong_counts,
        rows=Stock.objects.all,
        at_once=500,
    ),
    Invariant(
        name="holds-end-once",
        sentence="What an order holds is given back or sent, once.",
        advice="Count the shelf and adjust the stock: pieces were given back or sent twice.",
        broken=_settled_twice,
        rows=Stock.objects.all,
        at_once=500,
    ),
]
