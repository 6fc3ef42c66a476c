"""No provider at all: the customer transfers the money, and staff say in the admin that it came, or went."""

from collections.abc import Mapping

from orders.exceptions import BadSignature, GatewayRefused
from orders.lifecycle import PaymentStatus
from orders.payments.protocol import Callback, Charge, Notice, Page, Repayment, RepaymentNotice


class ManualGateway:
    name = "manual"
    by_hand = True

    def is_open(self) -> bool:
        return False

    def create(self, charge: Charge) -> Page:
        return Page(url="")

    def fetch(self, charge: Charge) -> Notice:
        raise GatewayRefused("only the bank's paper knows")

    def cancel(self, charge: Charge) -> Notice:
        return Notice(
            reference=charge.reference, outcome=PaymentStatus.VOIDED, amount=charge.amount, currency=charge.currency
        )

    def capture(self, charge: Charge) -> Notice:
        raise GatewayRefused("a transfer is not promised first: it comes, or not")

    def refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice:
        raise GatewayRefused("staff transfer it back, and say so in the admin")

    def find_refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice | None:
        return None

    def verify(self, headers: Mapping[str, str], body: bytes) -> Callback:
        raise BadSignature("nobody may call back for a payment by transfer")

    def read(self, body: bytes) -> Notice | RepaymentNotice | None:
        raise BadSignature("nobody may call back for a payment by transfer")
