"""What Stripe calls back with: its signature, and what its events mean to us.

https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from orders.exceptions import BadSignature, MalformedCallback
from orders.lifecycle import PaymentStatus, RefundStatus
from orders.payments.protocol import Callback, Notice, RepaymentNotice
from orders.payments.stripe_amounts import from_units

HEADER, SCHEME, GOOD_FOR = "Stripe-Signature", "v1", 5 * 60
NONSENSE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
SESSIONS = {
    "checkout.session.completed": PaymentStatus.PAID,
    "checkout.session.async_payment_succeeded": PaymentStatus.PAID,
    "checkout.session.async_payment_failed": PaymentStatus.FAILED,
    "checkout.session.expired": PaymentStatus.VOIDED,
}
INTENTS = {
    "payment_intent.amount_capturable_updated": (PaymentStatus.AUTHORIZED, "amount_capturable"),
    "payment_intent.canceled": (PaymentStatus.VOIDED, "amount"),
}
REFUNDS = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
REFUND_OUTCOMES = {
    "succeeded": RefundStatus.DONE,
    "pending": RefundStatus.REQUESTED,
    "requires_action": RefundStatus.REQUESTED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> Callback:
    """The event's id, if one of the secrets signed this body within five minutes. Raises BadSignature, or
    MalformedCallback for signed nonsense."""
    dated, signatures = _parts(headers.get(HEADER, ""))
    text = f"{dated}.".encode() + body
    expected = [hmac.new(secret.encode(), text, hashlib.sha256).hexdigest() for secret in secrets]
    if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures):
        raise BadSignature("no signature of ours")
    if abs(time.time() - dated) > GOOD_FOR:
        raise BadSignature("too old, or from the future")
    try:
        event = json.loads(body)
        return Callback(event_id=_word(event["id"], 100), reference=_reference(event["data"]["object"]))
    except NONSENSE as error:
        raise MalformedCallback("signed, and yet no event") from error


def _parts(header: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    dates = [value for name, _, value in pairs if name == "t"]
    if len(dates) != 1 or not (dates[0].isascii() and dates[0].isdigit() and len(dates[0]) < 16):
        raise BadSignature("no date")
    return int(dates[0]), [value for name, _, value in pairs if name == SCHEME and value.isascii()]


def _reference(thing: Any) -> str:
    """Of the payment, as far as the event's thing has it."""
    said = (thing.get("metadata") or {}).get("reference") or thing.get("client_reference_id") or ""
    return _word(said, 64)


def _word(said: Any, longest: int) -> str:
    if not (isinstance(said, str) and said.isprintable() and len(said) <= longest):
        raise ValueError("no word")
    return said


def read(body: bytes) -> Notice | RepaymentNotice | None:
    """What an event says of a payment or refund of ours; None for all others. Raises MalformedCallback."""
    try:
        event = json.loads(body)
        return _said(event["type"], event["data"]["object"])
    except NONSENSE as error:
        raise MalformedCallback(f"{type(error).__name__} while reading it") from error


def _said(kind: str, thing: Any) -> Notice | RepaymentNotice | None:
    if kind in SESSIONS:
        return session_notice(thing, SESSIONS[kind])
    if kind in INTENTS and _reference(thing):
        outcome, column = INTENTS[kind]
        return _notice(thing, outcome, thing[column], thing["id"])
    if kind in REFUNDS and (thing.get("metadata") or {}).get("refund"):
        return refund_notice(thing)
    return None


def session_notice(session: Any, outcome: PaymentStatus) -> Notice | None:
    """A completed session without its money is only under way; one without a reference is not ours."""
    if not _reference(session) or (outcome == PaymentStatus.PAID and session["payment_status"] != "paid"):
        return None
    return _notice(session, outcome, session["amount_total"], session.get("payment_intent") or "")


def _notice(thing: Any, outcome: PaymentStatus, units: int, transaction: Any) -> Notice:
    currency = _word(thing["currency"], 3).upper()
    return Notice(
        reference=_reference(thing),
        outcome=outcome,
        amount=from_units(int(units), currency),
        currency=currency,
        transaction=_word(transaction if isinstance(transaction, str) else transaction["id"], 255),
        payee=_word((thing.get("metadata") or {}).get("shop") or "", 250),
    )


def refund_notice(refund: Any) -> RepaymentNotice:
    return RepaymentNotice(
        reference=_word(refund["metadata"]["refund"], 64),
        outcome=REFUND_OUTCOMES[refund["status"]],
        provider_id=_word(refund["id"], 255),
        note=_word(refund.get("failure_reason") or "", 200),
    )
