"""A payment provider to play with: no money moves. Its hosted page is in `orders.views`.

A notice is JSON. Its signature is a dated signature over the body's SHA-256, good for five minutes.
"""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core import signing
from django.urls import reverse

from orders.exceptions import BadSignature
from orders.lifecycle import PaymentStatus
from orders.payments.protocol import Notice

SIGNER = signing.TimestampSigner(salt="orders.payments.sandbox")
GOOD_FOR = timedelta(minutes=5)


class SandboxGateway:
    name = "sandbox"

    def payment_url(self, reference: str) -> str:
        return reverse("sandbox_payment", args=[reference])

    def read_notice(self, signature: str, body: bytes) -> Notice:
        try:
            signed = SIGNER.unsign(signature, max_age=GOOD_FOR)
        except signing.BadSignature as error:
            raise BadSignature("the signature is forged, missing or too old") from error
        if signed != hashlib.sha256(body).hexdigest():
            raise BadSignature("the signature belongs to another body")
        try:
            return _notice(json.loads(body))
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise BadSignature("signed, and yet no notice") from error


def _notice(said: Any) -> Notice:
    amount = Decimal(said["amount"])
    if not (amount.is_finite() and said["reference"].isprintable() and said["currency"].isprintable()):
        raise ValueError("no amount, or no words")
    return Notice(
        reference=said["reference"],
        outcome=PaymentStatus(said["outcome"]),
        amount=amount,
        currency=said["currency"],
    )


def write_notice(notice: Notice) -> tuple[str, bytes]:
    """The provider's side: signature and body of the callback that tells the shop."""
    said = {
        "reference": notice.reference,
        "outcome": notice.outcome,
        "amount": str(notice.amount),
        "currency": notice.currency,
    }
    body = json.dumps(said).encode()
    return SIGNER.sign(hashlib.sha256(body).hexdigest()), body
