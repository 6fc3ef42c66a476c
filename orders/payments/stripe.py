"""Stripe Checkout: the customer pays on Stripe's own page. Needs the extra `stripe`."""

from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings

from orders.exceptions import GatewayRefused
from orders.lifecycle import PaymentStatus
from orders.payments import stripe_events
from orders.payments.protocol import Callback, Charge, Notice, Page, Repayment, RepaymentNotice
from orders.payments.stripe_amounts import in_units

LEAST_OPEN = timedelta(minutes=31)  # Stripe keeps no page open for less than half an hour: who is late, is late money
LONGEST_OPEN = 23 * 60  # minutes: nor for more than a day


class StripeGateway:
    name = "stripe"
    by_hand = False

    def is_open(self) -> bool:
        return bool(settings.STRIPE_WEBHOOK_SECRETS)

    def create(self, charge: Charge) -> Page:
        options = {"idempotency_key": f"create-{charge.reference}"}
        with _stripe() as api:
            session = api.checkout.sessions.create(params=_session(charge), options=options)
            return Page(url=session["url"], provider_id=session["id"])

    def fetch(self, charge: Charge) -> Notice:
        if not charge.provider_id:
            return _nothing(charge, PaymentStatus.PENDING)
        with _stripe() as api:
            found = api.checkout.sessions.retrieve(charge.provider_id, params={"expand": ["payment_intent"]})
            session = found.to_dict()
            standing = stripe_events.session_notice(session, _outcome(session))
        return standing or _nothing(charge, PaymentStatus.PENDING)

    def cancel(self, charge: Charge) -> Notice:
        if not charge.provider_id:
            return _nothing(charge, PaymentStatus.VOIDED)
        try:
            with _stripe() as api:
                api.checkout.sessions.expire(charge.provider_id)
        except GatewayRefused:  # it is complete or over: how does it stand?
            return self._let_go(self.fetch(charge))
        return _nothing(charge, PaymentStatus.VOIDED)

    def _let_go(self, standing: Notice) -> Notice:
        if standing.outcome != PaymentStatus.AUTHORIZED:
            return standing
        with _stripe() as api:
            api.payment_intents.cancel(standing.transaction)
        return Notice(**(vars(standing) | {"outcome": PaymentStatus.VOIDED}))

    def capture(self, charge: Charge) -> Notice:
        options = {"idempotency_key": f"capture-{charge.reference}"}
        try:
            with _stripe() as api:
                api.payment_intents.capture(charge.transaction, options=options)
        except GatewayRefused:  # perhaps it is ours already
            standing = self.fetch(charge)
            if standing.outcome != PaymentStatus.PAID:
                raise
            return standing
        return _nothing(charge, PaymentStatus.PAID)

    def refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice:
        params = {
            "payment_intent": charge.transaction,
            "amount": in_units(repayment.amount, repayment.currency),
            "metadata": {"refund": repayment.reference, "shop": settings.SHOP_URL},
        }
        with _stripe() as api:
            made = api.refunds.create(params=params, options={"idempotency_key": f"refund-{repayment.reference}"})
            return stripe_events.refund_notice(made.to_dict())

    def find_refund(self, charge: Charge, repayment: Repayment) -> RepaymentNotice | None:
        with _stripe() as api:
            made = api.refunds.list(params={"payment_intent": charge.transaction, "limit": 100})
            ours = (one.to_dict() for one in made.auto_paging_iter())
            found = (one for one in ours if (one.get("metadata") or {}).get("refund") == repayment.reference)
            return next(map(stripe_events.refund_notice, found), None)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Callback:
        return stripe_events.verify(headers, body, settings.STRIPE_WEBHOOK_SECRETS)

    def read(self, body: bytes) -> Notice | RepaymentNotice | None:
        return stripe_events.read(body)


def _stripe() -> Any:
    # The SDK is an extra, and takes half a second to load: only who pays by it waits for it.
    return import_module("orders.payments.stripe_calls").stripe_api()


def _session(charge: Charge) -> dict[str, Any]:
    """The same for each try: Stripe refuses a known key with other words."""
    ours = {"reference": charge.reference, "shop": settings.SHOP_URL}
    price = {
        "currency": charge.currency.lower(),
        "unit_amount": in_units(charge.amount, charge.currency),
        "product_data": {"name": charge.order_number},
    }
    capture = "manual" if settings.PAYMENT_CAPTURE == "on_dispatch" else "automatic"
    way_back = f"{settings.SHOP_URL}{charge.return_url}"
    session: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": charge.reference,
        "line_items": [{"quantity": 1, "price_data": price}],
        "metadata": ours,
        "payment_intent_data": {"metadata": ours, "capture_method": capture},
        "success_url": way_back,
        "cancel_url": way_back,
    }
    if LONGEST_OPEN - LEAST_OPEN.total_seconds() // 60 >= settings.PAYMENT_MINUTES:
        session["expires_at"] = int((charge.pay_by + LEAST_OPEN).timestamp())
    return session


def _outcome(session: dict[str, Any]) -> PaymentStatus:
    intent = session.get("payment_intent") or {}
    if session["payment_status"] == "paid":
        return PaymentStatus.PAID
    if intent.get("status") == "requires_capture":
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.VOIDED if session["status"] == "expired" else PaymentStatus.PENDING


def _nothing(charge: Charge, outcome: PaymentStatus) -> Notice:
    """The gateway's word without new figures."""
    return Notice(
        reference=charge.reference,
        outcome=outcome,
        amount=charge.amount,
        currency=charge.currency,
        transaction=charge.transaction,
    )
