"""A payment provider to play with: no money moves. Its hosted page is in `orders.views`.

A callback is JSON. Its signature is a dated signature over the body's SHA-256, good for five minutes. The provider
keeps no books: it does whatever it is asked, and says so.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orders.exceptions import BadSignature, MalformedCallback
from orders.lifecycle import PaymentStatus, RefundStatus
from orders.payments.protocol import Callback, Charge, Notice, Page, Repayment, RepaymentNotice

SIGNER = signing.TimestampSigner(salt="orders.payments.sandbox")
SIGNATURE = "Sandbox-Signature"  # the header that carries it
GOOD_FOR = timedelta(minutes=5)
OUTCOMES = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.FAILED, PaymentStatus.VOIDED}
LONGEST_ID = 100
SOON, AFTER_THE_END = timedelta(seconds=20), timedelta(minutes=2)


class Ending(models.TextChoices):
    """The buttons of the hosted page."""

    PAID = "paid", _("Pay")
    FAILED = "failed", _("Let the payment fail")
    VOIDED = "voided", _("Give up and go back")
    SLOW = "slow", _("Pay, and let the shop hear of it later")
    LATE = "late", _("Pay after the time is over")
    TWICE = "twice", _("Pay twice")
    MISFIT = "misfit", _("Pay another sum")


class SandboxGateway:
    name = "sandbox"
    by_hand = False

    def is_open(self) -> bool:
        return self.name == settings.PAYMENT_GATEWAY

    def create(self, charge: Charge) -> Page:
        return Page(url=reverse("sandbox_payment", args=[charge.reference]))

    def fetch(self, charge: Charge) -> Notice:
        return _said(charge, PaymentStatus.PENDING)

    def cancel(self, charge: Charge) -> Notice:
        return _said(charge, PaymentStatus.VOIDED)

    def capture(self, charge: Charge) -> Notice:
        return _said(charge, PaymentStatus.PAID)

    def refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice:
        made_up = f"sbxr_{repayment.reference}"
        return RepaymentNotice(reference=repayment.reference, outcome=RefundStatus.DONE, provider_id=made_up)

    def find_refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice | None:
        return None

    def verify(self, headers: Mapping[str, str], body: bytes) -> Callback:
        try:
            signed = SIGNER.unsign(headers.get(SIGNATURE, ""), max_age=GOOD_FOR)
        except signing.BadSignature as error:
            raise BadSignature("the signature is forged, missing or too old") from error
        if signed != hashlib.sha256(body).hexdigest():
            raise BadSignature("the signature belongs to another body")
        said, notice = _parsed(body)
        return Callback(event_id=_word(said["id"]), reference=notice.reference)

    def read(self, body: bytes) -> Notice:
        return _parsed(body)[1]


def ended(charge: Charge, ending: Ending, now: datetime) -> list[tuple[Notice, timedelta]]:
    """The provider's side: what it will tell the shop, and how long after `now`."""
    at_once = timedelta()
    if ending in {Ending.FAILED, Ending.VOIDED}:
        return [(_said(charge, PaymentStatus(ending)), at_once)]
    good = PaymentStatus.AUTHORIZED if settings.PAYMENT_CAPTURE == "on_dispatch" else PaymentStatus.PAID
    paid = replace(_said(charge, good), transaction=f"sbxt_{secrets.token_urlsafe(12)}")
    if ending == Ending.TWICE:
        return [(paid, at_once), (replace(paid, transaction=f"sbxt_{secrets.token_urlsafe(12)}"), at_once)]
    if ending == Ending.MISFIT:
        return [(replace(paid, amount=charge.amount + 1), at_once)]
    delays = {Ending.SLOW: SOON, Ending.LATE: max(charge.pay_by - now, at_once) + AFTER_THE_END}
    return [(paid, delays.get(ending, at_once))]


def _said(charge: Charge, outcome: PaymentStatus) -> Notice:
    return Notice(
        reference=charge.reference,
        outcome=outcome,
        amount=charge.amount,
        currency=charge.currency,
        transaction=charge.transaction,
        payee=settings.SHOP_URL,
    )


def _parsed(body: bytes) -> tuple[Any, Notice]:
    try:
        said = json.loads(body)
        _word(said["id"])
        return said, _notice(said)
    except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise MalformedCallback("signed, and yet no notice") from error


def _notice(said: Any) -> Notice:
    outcome, amount = PaymentStatus(said["outcome"]), Decimal(said["amount"])
    if outcome not in OUTCOMES or not amount.is_finite():
        raise ValueError("no outcome, or no amount")
    words = {name: _word(said[name]) for name in ("reference", "currency", "transaction", "payee")}
    return Notice(outcome=outcome, amount=amount, **words)


def _word(said: Any) -> str:
    if not (isinstance(said, str) and said.isprintable() and len(said) <= LONGEST_ID):
        raise ValueError("no word")
    return said


def write_notice(notice: Notice, event_id: str = "") -> tuple[dict[str, str], bytes]:
    """The provider's side: header and body of the callback that tells the shop. Without an id it is a new event."""
    return signed(write_body(notice, event_id))


def signed(body: bytes) -> tuple[dict[str, str], bytes]:
    """The body and the header that makes it the provider's own word, now."""
    return {SIGNATURE: SIGNER.sign(hashlib.sha256(body).hexdigest())}, body


def write_body(notice: Notice, event_id: str = "") -> bytes:
    said = {
        "id": event_id or f"sbx_{secrets.token_urlsafe(16)}",
        "reference": notice.reference,
        "outcome": notice.outcome,
        "amount": str(notice.amount),
        "currency": notice.currency,
        "transaction": notice.transaction,
        "payee": notice.payee or settings.SHOP_URL,
    }
    return json.dumps(said).encode()
