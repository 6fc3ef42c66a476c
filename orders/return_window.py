"""How long goods may be sent back, and how many pieces of which."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from orders.lifecycle import ReturnStatus
from orders.models import Order, OrderEvent, OrderLine, ReturnLine

Kind = OrderEvent.Kind
REFUSED = {ReturnStatus.REJECTED, ReturnStatus.CANCELLED}  # their pieces may be asked for again


@dataclass(frozen=True)
class ReturnWindow:
    """Open from the moment the goods leave the house. `over_at` is None while their receipt is not known."""

    has_begun: bool
    over_at: datetime | None

    def is_open(self, as_of: datetime) -> bool:
        return self.has_begun and not self.is_over(as_of)

    def is_over(self, as_of: datetime) -> bool:
        return self.over_at is not None and self.over_at <= as_of

    @property
    def last_moment(self) -> datetime | None:
        """The last minute of the last day, for reading: midnight itself reads as a day more."""
        return self.over_at - timedelta(minutes=1) if self.over_at else None


def return_window(order: Order) -> ReturnWindow:
    """Over when the last of RETURN_DAYS whole days after the day of the receipt ends, by the shop's own clock."""
    known = dict(order.events.filter(kind__in=[Kind.DISPATCHED, Kind.COMPLETED]).values_list("kind", "at"))
    if Kind.COMPLETED not in known:
        return ReturnWindow(has_begun=Kind.DISPATCHED in known, over_at=None)
    home = timezone.get_default_timezone()
    day_after = known[Kind.COMPLETED].astimezone(home).date() + timedelta(days=settings.RETURN_DAYS + 1)
    return ReturnWindow(has_begun=True, over_at=datetime.combine(day_after, time.min, home))


def returnable(order: Order, as_of: datetime) -> dict[OrderLine, int]:
    """The order's lines with how many pieces of each may still be asked back; empty outside the window."""
    return pieces_left(order) if return_window(order).is_open(as_of) else {}


def pieces_left(order: Order) -> dict[OrderLine, int]:
    """The lines of which no return has all the pieces, with how many it leaves."""
    asked: dict[int, int] = {}
    for line in ReturnLine.objects.filter(parent__order=order).exclude(parent__status__in=REFUSED):
        asked[line.line_id] = asked.get(line.line_id, 0) + line.quantity
    left = {line: line.quantity - asked.get(line.pk, 0) for line in order.lines.all()}
    return {line: pieces for line, pieces in left.items() if pieces > 0}
