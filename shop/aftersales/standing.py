"""How an order stands, in all that its page shows of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Prefetch

from delivery.lifecycle import ReceiptStatus
from delivery.models import Shipment
from orders.lifecycle import CallbackStatus, OrderStatus, PaymentStatus, RefundStatus, ReturnStatus
from orders.models import Invoice, Order, OrderEvent, OrderLine, Payment, PaymentCallback, Refund, Return, ReturnPhoto
from orders.return_window import ReturnWindow, pieces_left, return_window
from shop.aftersales.forms import CancelForm
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
        photos = Prefetch("photos", ReturnPhoto.objects.shown())
        return list(self.order.returns.prefetch_related("lines__line", photos).order_by("pk"))

    @cached_property
    def invoice(self) -> Invoice | None:
        return Invoice.objects.filter(order=self.order).first()

    @property
    def timeline(self) -> list[Step]:
        return timeline(self.order, self.events, self.shipments)

    @property
    def is_stopped(self) -> bool:
        return self.order.status in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}

    @cached_property
    def payments(self) -> list[Payment]:
        return list(self.order.payments.order_by("pk"))

    @cached_property
    def refunds(self) -> list[Refund]:
        """What goes back, or went back."""
        return list(self.order.refunds.exclude(status=RefundStatus.FAILED).order_by("pk"))

    @property
    def payment_failed(self) -> bool:
        return bool(self.payments) and self.payments[-1].status == PaymentStatus.FAILED

    @cached_property
    def payment_arrives(self) -> bool:
        """The gateway told us something about it, and the job that reads it is still to come."""
        awaited = [payment.reference for payment in self.payments if payment.status == PaymentStatus.PENDING]
        kept = PaymentCallback.objects.filter(reference__in=awaited, status=CallbackStatus.RECEIVED)
        return bool(awaited) and kept.exists()

    @property
    def money_held(self) -> bool:
        """Money came that does not fit. Staff decide."""
        return any(payment.held and not payment.settles_id for payment in self.payments)

    @property
    def money_late(self) -> bool:
        """Money came when none was awaited; whether it finds its goods is decided in a moment."""
        came = {PaymentStatus.PAID, PaymentStatus.AUTHORIZED}
        back = {refund.payment_id for refund in self.refunds}
        return any(p.status in came and not p.settles_id and not p.held and p.pk not in back for p in self.payments)

    @property
    def is_revived(self) -> bool:
        """Paid late, and the goods were still there."""
        late = any(event.from_status == OrderStatus.EXPIRED for event in self.events)
        return late and self.order.status == OrderStatus.CONFIRMED

    @property
    def can_cancel(self) -> bool:
        """Unpaid, or paid and still in our own hands."""
        is_here = all(shipment.can_be_called_back for shipment in self.shipments)
        return self.order.status == OrderStatus.PENDING or (self.order.status == OrderStatus.CONFIRMED and is_here)

    @property
    def cancel_form(self) -> CancelForm:
        return CancelForm(auto_id="cancel-%s")

    @property
    def can_confirm(self) -> bool:
        return any(shipment.can_confirm_receipt for shipment in self.shipments)

    @cached_property
    def returnable(self) -> dict[OrderLine, int]:
        """What may be asked back now, with how many pieces at most: nothing while an earlier wish is unanswered."""
        return {} if self.return_waits else self.withdrawable

    @cached_property
    def withdrawable(self) -> dict[OrderLine, int]:
        """What he may withdraw from now: he need not wait for anybody's answer."""
        return pieces_left(self.order) if self.window.is_open(self.now) else {}

    @cached_property
    def window(self) -> ReturnWindow:
        return return_window(self.order)

    @property
    def is_paused(self) -> bool:
        """The clock of a receipt stands still: goods are to come back."""
        return any(shipment.receipt_status == ReceiptStatus.PAUSED for shipment in self.shipments)

    @property
    def return_waits(self) -> bool:
        return any(asked.status == ReturnStatus.REQUESTED for asked in self.returns)

    @property
    def look_again_after(self) -> int | None:
        """Seconds until a look may show more; None when nothing more can come. The longer it is quiet, the longer."""
        money_moves = self.money_late or any(refund.status == RefundStatus.REQUESTED for refund in self.refunds)
        if self.order.status not in AWAITING and not self.return_waits and not money_moves:
            return None
        quiet = self.now - self.events[-1].at
        return 3 if quiet < FRESH else 20 if quiet < SLOW else 120
