"""What the order system asks of a payment gateway."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from orders.lifecycle import PaymentStatus


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A gateway's verified word on how a payment ended."""

    reference: str
    outcome: PaymentStatus
    amount: Decimal
    currency: str


class Gateway(Protocol):
    name: str

    def payment_url(self, reference: str) -> str:
        """Where the customer pays; empty when there is no page to go to."""

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The notice in a callback's headers and raw body. Raises BadSignature if it isn't the gateway's own."""
