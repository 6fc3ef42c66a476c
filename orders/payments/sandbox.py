"""A payment provider to play with: no money moves. Its hosted page is in `orders.views`.

A notice is JSON. Its signature is a dated signature over the body's SHA-256, good for five minutes.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core import signing
from django.urls import reverse

from orders.exceptions import BadSignature
from orders.lifecycle import PAYMENT_SOURCES, PaymentStatus
from orders.payments.protocol import Notice

SIGNER = signing.TimestampSigner(salt="orders.payments.sandbox")
SIGNATURE = "Sandbox-Signature"  # the header that carries it
GOOD_FOR = timedelta(minutes=5)


class SandboxGateway:
    name = "sandbox"

    def payment_url(self, reference: str) -> str:
        return reverse("sandbox_payment", args=[reference])

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        try:
            signed = SIGNER.unsign(headers.get(SIGNATURE, ""), max_age=GOOD_FOR)
        except signing.BadSignature as error:
            raise BadSignature("the signature is forged, missing or too old") from error
        if signed != hashlib.sha256(body).hexdigest():
            raise BadSignature("the signature belongs to another body")
        try:
            return _notice(json.loads(body))
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise BadSignature("signed, and yet no notice") from error


def _notice(said: Any) -> Notice:
    outcome, amount = PaymentStatus(said["outcome"]), Decimal(said["amount"])
    if outcome not in PAYMENT_SOURCES or not amount.is_finite():
        raise ValueError("no outcome, or no amount")
    if not (said["reference"].isprintable() and said["currency"].isprintable()):
        raise ValueError("no words")
    return Notice(reference=said["reference"], outcome=outcome, amount=amount, currency=said["currency"])


def write_notice(notice: Notice) -> tuple[dict[str, str], bytes]:
    """The provider's side: header and body of the callback that tells the shop."""
    said = {
        "reference": notice.reference,
        "outcome": notice.outcome,
        "amount": str(notice.amount),
        "currency": notice.currency,
    }
    body = json.dumps(said).encode()
    return {SIGNATURE: SIGNER.sign(hashlib.sha256(body).hexdigest())}, body
