"""What the delivery system asks of a carrier."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A carrier's answer. `shipped` is False while somebody still has to hand the parcel over."""

    shipped: bool
    tracking_number: str = ""


class Carrier(Protocol):
    name: str
    fetches_later: bool
    """True if a parcel that was asked for stays in our own hands until it is marked as shipped."""

    def book(self, order_number: str, idempotency_key: str) -> Booking:
        """Asks the carrier to take the parcel. The same key gives the same booking, never a second one."""
