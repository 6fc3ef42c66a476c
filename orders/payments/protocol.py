"""What the order system asks of a payment gateway, and what a gateway says.

No call is made inside a transaction. Each may raise GatewayDown (no answer: perhaps it was done, so ask before the
next try) or GatewayRefused (a plain no, nothing was done). Each may be repeated: the same charge or repayment is the
same deed, however often it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from orders.lifecycle import PaymentStatus, RefundStatus


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A payment as its gateway sees it. `provider_id` is the gateway's own name for it, empty before `create`.

    `transaction` is the gateway's name for the money that came, empty before it came.
    """

    reference: str
    amount: Decimal
    currency: str
    order_number: str
    return_url: str
    pay_by: datetime
    provider_id: str = ""
    transaction: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Where the customer pays; `url` is empty when there is no page to go to."""

    url: str
    provider_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A gateway's verified word on how a payment stands: pending, authorized, paid, failed or voided.

    `payee` says whose money it is: the shop's own address, or empty where a gateway serves one shop only.
    """

    reference: str
    outcome: PaymentStatus
    amount: Decimal
    currency: str
    transaction: str = ""
    payee: str = ""


@dataclass(frozen=True, kw_only=True)
class Repayment:
    """Money to be given back. `reference` is the key that makes it one repayment, however often it is asked for."""

    reference: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class RepaymentNotice:
    """A gateway's verified word on a repayment; `requested` means that it takes its time."""

    reference: str
    outcome: RefundStatus
    provider_id: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Callback:
    """What is known of a callback at the door: the gateway's id of the event, and the payment that it is about."""

    event_id: str
    reference: str = ""


class Gateway(Protocol):
    name: str
    by_hand: bool
    """True where staff move the money: no call goes out."""

    def is_open(self) -> bool:
        """Whether callbacks are taken: the shop uses this gateway, and has its secret."""

    def create(self, charge: Charge) -> Page:
        """Opens the payment."""

    def fetch(self, charge: Charge) -> Notice:
        """How the payment stands at the gateway."""

    def cancel(self, charge: Charge) -> Notice:
        """Takes the open or authorised payment back: voided, or what it came to before that."""

    def capture(self, charge: Charge) -> Notice:
        """Takes the money that was authorised."""

    def refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice:
        """Gives money back."""

    def find_refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice | None:
        """What became of a repayment that was asked for before; None if the gateway never heard of it."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> Callback:
        """Checks the signature over the raw body. Raises BadSignature, or MalformedCallback for signed nonsense."""

    def read(self, body: bytes) -> Notice | RepaymentNotice | None:
        """What a verified body says; None if nothing that we need. Raises MalformedCallback."""
