"""How an order stands, in all that its page shows of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from delivery.models import Shipment
from orders.lifecycle import OrderStatus, PaymentStatus, ReturnStatus
from orders.models import Invoice, Order, OrderEvent, OrderLine, Return
from orders.returning import returnable
from shop.aftersales.timeline import Step, parcel_news, timeline

AWAITING = {OrderStatus.PENDING, OrderStatus.CONFIRMED}
FRESH, SLOW = timedelta(minutes=5), timedelta(hours=3)  # since the last event


@dataclass
class Standing:
    """One look at the order. Read once, whatever part of the page asks."""

    order: Order
    now: datetime

    @cached_property
    def shipments(self) -> list[Shipment]:
        parcels = Shipment.objects.filter(order_number=self.order.number).order_by("part")
        return list(parcels.prefetch_related("events"))

    @property
    def parcels(self) -> list[tuple[Shipment, list[Step]]]:
        return [(shipment, parcel_news(shipment)) for shipment in self.shipments]

    @cached_property
    def events(self) -> list[OrderEvent]:
        return list(self.order.events.all())

    @cached_property
    def returns(self) -> list[Return]:
        return list(self.order.returns.prefetch_related("lines__line").order_by("pk"))

    @cached_property
    def invoice(self) -> Invoice | None:
        return Invoice.objects.filter(order=self.order).first()

    @property
    def timeline(self) -> list[Step]:
        return timeline(self.order, self.events, self.shipments)

    @property
    def is_stopped(self) -> bool:
        return self.order.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}

    @property
    def payment_failed(self) -> bool:
        last = self.order.payments.order_by("pk").last()
        return last is not None and last.status == PaymentStatus.FAILED

    @property
    def money_held(self) -> bool:
        """Money came that does not fit: too late, twice, or another sum. Staff decide."""
        return any(event.kind == OrderEvent.Kind.PAYMENT_HELD for event in self.events)

    @property
    def can_confirm(self) -> bool:
        return any(shipment.can_confirm_receipt for shipment in self.shipments)

    @cached_property
    def returnable(self) -> dict[OrderLine, int]:
        """What may be asked back now, with how many pieces at most: nothing while an earlier wish is unanswered."""
        return {} if self.return_waits else returnable(self.order, self.now)

    @property
    def return_waits(self) -> bool:
        return any(asked.status == ReturnStatus.REQUESTED for asked in self.returns)

    @property
    def look_again_after(self) -> int | None:
        """Seconds until a look may show more; None when nothing more can come. The longer it is quiet, the longer."""
        if self.order.status not in AWAITING and not self.return_waits:
            return None
        quiet = self.now - self.events[-1].at
        return 3 if quiet < FRESH else 20 if quiet < SLOW else 120
