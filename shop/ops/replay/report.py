"""What came of a replay, for people and for machines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from delivery.models import Shipment
from orders.models import Order
from queue_table.status import rows_by_kind
from shop.ops.replay.invoices import Invoice, Reading


@dataclass(frozen=True)
class Sale:
    """An invoice of the file and the order it became."""

    invoice: Invoice
    order: Order
    is_new: bool

    @property
    def money_differs(self) -> bool:
        return self.order.total != self.invoice.total


@dataclass(frozen=True)
class Report:
    invoices: int
    cancellations: list[str]
    nothing_to_sell: list[str]
    orders: dict[str, int]
    orders_by_status: dict[str, int]
    lines: int
    lines_skipped: dict[str, int]
    money_total: str
    money_differs: list[str]
    shipments: dict[str, int]
    receipts: dict[str, int]
    queue_rows: dict[str, dict[str, int]]

    @classmethod
    def of(cls, reading: Reading, sales: Sequence[Sale]) -> "Report":
        shipments = list(shipments_of(sales))
        return cls(
            invoices=len(reading.invoices),
            cancellations=[invoice.number for invoice in reading.invoices if invoice.is_cancellation],
            nothing_to_sell=[i.number for i in reading.invoices if not i.lines and not i.is_cancellation],
            orders={"placed": sum(s.is_new for s in sales), "there already": sum(not s.is_new for s in sales)},
            orders_by_status=_count(order.status for order in _orders_now(sales)),
            lines=sum(len(sale.invoice.lines) for sale in sales),
            lines_skipped=dict(reading.skipped),
            money_total=str(sum(sale.order.total for sale in sales)),
            money_differs=[sale.invoice.number for sale in sales if sale.money_differs],
            shipments=_count(shipment.status for shipment in shipments),
            receipts=_count(shipment.receipt_status for shipment in shipments),
            queue_rows=rows_by_kind(),
        )

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def as_text(self) -> str:
        return "\n".join(f"{name.replace('_', ' '):<18}{_words(value)}" for name, value in self.as_dict().items())


def shipments_of(sales: Sequence[Sale]) -> Iterator[Shipment]:
    for keys in _keys(sales):
        yield from Shipment.objects.filter(order_id__in=keys)


def _orders_now(sales: Sequence[Sale]) -> Iterator[Order]:
    for keys in _keys(sales):
        yield from Order.objects.filter(pk__in=keys)


def _keys(sales: Sequence[Sale]) -> Iterator[list[int]]:
    """In portions: a database takes only so many values at once."""
    return ([sale.order.pk for sale in sales[start : start + 500]] for start in range(0, len(sales), 500))


def _count(words: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_words(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list):
        return f"{len(value)}" + (f" ({', '.join(value[:10])}{', ...' if len(value) > 10 else ''})" if value else "")
    return str(value)
