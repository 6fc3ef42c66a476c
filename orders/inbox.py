"""The callback inbox: first the word is kept, then a job applies it, once."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from orders.exceptions import MalformedCallback, UnknownPayment
from orders.lifecycle import Actor, CallbackStatus
from orders.models import Payment, PaymentCallback, Refund
from orders.paying import record_payment
from orders.payments import gateway
from orders.payments.protocol import Callback, Notice, RepaymentNotice
from orders.refunding import settle_refund
from queue_table import clock

logger = logging.getLogger(__name__)
ANOTHER_BODY = "a known event with another body"
NOTE_LENGTH = 250
BODIES_KEPT = timedelta(days=90)


@transaction.atomic
def store_callback(gateway_name: str, headers: Mapping[str, str], body: bytes) -> PaymentCallback | None:
    """Verifies the callback and keeps it word for word. None if it was here before: one event is one row.

    A known event with another body is kept beside the first one, for staff, and not applied by itself. Raises
    BadSignature or MalformedCallback; then nothing is kept, for anybody can send what nobody signed.
    """
    said = gateway(gateway_name).verify(headers, body)
    kept, is_new = _keep(gateway_name, said, body, said.event_id)
    if is_new:
        return kept
    if bytes(kept.body) != body:
        digest = hashlib.sha256(body).hexdigest()
        twin, is_new = _keep(gateway_name, said, body, said.event_id, digest, note=ANOTHER_BODY)
        if is_new:
            _tell(twin, ANOTHER_BODY)
    return None


def _keep(gateway_name: str, said: Callback, body: bytes, *key: str, note: str = "") -> tuple[PaymentCallback, bool]:
    return PaymentCallback.objects.get_or_create(
        key=hashlib.sha256("\n".join([gateway_name, *key]).encode()).hexdigest(),
        defaults={
            "gateway": gateway_name,
            "event_id": said.event_id,
            "reference": said.reference,
            "body": body,
            "status": CallbackStatus.HELD if note else CallbackStatus.RECEIVED,
            "note": note,
        },
    )


@transaction.atomic
def apply_callback(callback_id: int) -> CallbackStatus:
    """Writes down what a kept callback says. Safe to repeat: the same news twice changes nothing."""
    kept = PaymentCallback.objects.select_for_update().get(pk=callback_id)
    status, note = _applied(kept)
    columns = {"status": status, "note": note[:NOTE_LENGTH], "applied_at": clock.now()}
    PaymentCallback.objects.filter(pk=kept.pk).update(**columns)
    if status == CallbackStatus.HELD:
        _tell(kept, note)
    return status


def _applied(kept: PaymentCallback) -> tuple[CallbackStatus, str]:
    try:
        said = gateway(kept.gateway).read(bytes(kept.body))
        if said is None or _is_anothers(said):
            return CallbackStatus.IGNORED, ""
        _record(kept.gateway, said)
    except MalformedCallback as error:
        return CallbackStatus.HELD, f"not understood: {error}"
    except UnknownPayment:
        return CallbackStatus.HELD, "it speaks of nothing that this shop has asked for"
    return CallbackStatus.APPLIED, ""


def _is_anothers(said: Notice | RepaymentNotice) -> bool:
    """One account may serve several shops, and tell each of them everything."""
    is_foreign = isinstance(said, Notice) and said.payee not in {"", settings.SHOP_URL}
    return is_foreign and not Payment.objects.filter(reference=said.reference).exists()


def _record(gateway_name: str, said: Notice | RepaymentNotice) -> None:
    if isinstance(said, Notice):
        if not Payment.objects.filter(gateway=gateway_name, reference=said.reference).exists():
            raise UnknownPayment(said.reference)
        record_payment(said, Actor.PROVIDER)
    else:
        if not Refund.objects.filter(payment__gateway=gateway_name, reference=said.reference).exists():
            raise UnknownPayment(said.reference)
        settle_refund(said, Actor.PROVIDER)


def forget_bodies(as_of: datetime) -> int:
    """Empties what was applied, or said nothing to us, so long ago: it names customers. The events stay known."""
    old = PaymentCallback.objects.filter(received_at__lt=as_of - BODIES_KEPT).exclude(body=b"")
    return old.filter(status__in=[CallbackStatus.APPLIED, CallbackStatus.IGNORED]).update(body=b"")


def _tell(kept: PaymentCallback, note: str) -> None:
    transaction.on_commit(partial(logger.error, "payment callback %s is held for staff: %s", kept.pk, note))
