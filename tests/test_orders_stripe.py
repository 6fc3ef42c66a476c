"""Stripe over a real socket: its shapes, its signatures, its mishaps."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import stripe as sdk
from django.test import Client

from orders.exceptions import GatewayDown, GatewayRefused
from orders.gatewaying import payment_page, stop_open_payments
from orders.lifecycle import Actor
from orders.models import Order, Payment, PaymentCallback, Refund
from orders.payments import stripe_calls
from orders.payments.stripe_amounts import from_units, in_units
from orders.refunding import start_refund
from orders.services import expire_order
from queue_table.testing import run_due_jobs, travel
from shop.aftersales.cancelling import cancel
from tests.shopping import holder_of, placed_order, status, written
from tests.stripe_server import KEY, Stripe, serving

pytestmark = pytest.mark.django_db
ADDRESS = "/callbacks/payments/stripe/"
OLD, NEW = "whsec_old_one", "whsec_new_one"


@pytest.fixture
def account(settings: Any) -> Iterator[Stripe]:
    with serving() as stripe:
        settings.PAYMENT_GATEWAY = "stripe"
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = KEY, stripe.url
        settings.STRIPE_WEBHOOK_SECRETS = [NEW, OLD]
        yield stripe
        stripe_calls._client.cache_clear()


def event(kind: str, thing: Any, name: str = "evt_1") -> bytes:
    return json.dumps({"id": name, "object": "event", "type": kind, "data": {"object": thing}}).encode()


def signed(body: bytes, secret: str = NEW, age: float = 0) -> str:
    """By Stripe's own code."""
    at = int(time.time() - age)
    return f"t={at},v1={sdk.WebhookSignature._compute_signature(f'{at}.{body.decode()}', secret)}"


def tell(body: bytes, header: str | None = None) -> int:
    headers = {"Stripe-Signature": signed(body) if header is None else header}
    return Client().post(ADDRESS, body, content_type="application/json", headers=headers).status_code


def opened(stripe: Stripe) -> tuple[Order, Payment, str]:
    """An order whose customer was shown Stripe's page: the name of its session."""
    order = placed_order()
    payment_page(order.payments.get())
    payment = order.payments.get()
    return order, payment, payment.provider_id


def paid(stripe: Stripe) -> tuple[Order, Payment]:
    order, payment, session = opened(stripe)
    assert tell(event(*stripe.pay(session), f"evt_{session}")) == 200
    run_due_jobs()
    payment.refresh_from_db()
    return order, payment


def test_the_shopper_is_shown_to_stripes_own_page_and_comes_back_paid(account: Stripe) -> None:
    order = placed_order()
    page = holder_of(order).get(f"/orders/{order.number}/pay/").content.decode()
    assert "https://checkout.stripe.test/cs_test_1" in page
    session = account.sessions["cs_test_1"]
    assert (session["amount_total"], session["currency"]) == (255, "gbp")
    assert session["expires_at"] >= time.time() + 30 * 60
    assert tell(event(*account.pay("cs_test_1"))) == 200
    run_due_jobs()
    payment = order.payments.get()
    assert (status(order), payment.status, payment.transaction) == ("confirmed", "paid", "pi_cs_test_1")


def test_the_page_is_opened_once_however_often_it_is_asked_for(account: Stripe) -> None:
    account.faults = ["lost"]
    payment = placed_order().payments.get()
    with pytest.raises(GatewayDown):
        payment_page(payment)
    assert payment_page(payment) == payment_page(Payment.objects.get())
    assert len(account.sessions) == 1


@pytest.mark.parametrize("fault", ["silence", "lost", "endless", "no json", 500, 503, 429, 302, 307])
def test_a_mishap_at_stripe_is_said_to_the_shopper_and_nothing_is_lost(
    account: Stripe, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_calls, "READ", 0.4)
    account.faults = [fault]
    order = placed_order()
    client = holder_of(order)
    stripe_calls._client.cache_clear()
    answer = client.get(f"/orders/{order.number}/pay/")
    assert answer.status_code == 200
    assert "does not answer just now" in answer.content.decode()
    assert ("GET", "/v1/elsewhere") not in account.calls
    assert len(account.calls) == 1
    assert "checkout.stripe.test" in client.get(f"/orders/{order.number}/pay/").content.decode()


def test_either_of_two_secrets_is_good_and_no_third(account: Stripe, settings: Any) -> None:
    body = event("customer.created", {"id": "cus_1"})
    assert [tell(body, signed(body, secret)) for secret in (NEW, OLD, "whsec_third")] == [200, 200, 401]
    assert (
        tell(body, signed(body, "whsec_third", age=9) + "," + signed(body).partition(",")[2]) == 401
    )  # another time's
    assert tell(body, signed(body) + ",v1=00,v0=11") == 200
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert tell(body) == 404


def test_five_minutes_either_way_and_no_more(account: Stripe) -> None:
    body = event("customer.created", {"id": "cus_1"})
    assert [tell(body, signed(body, age=age)) for age in (290, -290, 310, -310)] == [200, 200, 401, 401]


def test_malformed_headers_are_401_and_signed_nonsense_is_400(account: Stripe) -> None:
    body = event("customer.created", {"id": "cus_1"})
    good = signed(body)
    at, _, signature = good.partition(",")
    for header in ["", ",", "t=", "t=1", "v1=" + "0" * 64, f"t=x,{signature}", f"t=²,{signature}", f"{at},v1=é", "é=é"]:
        assert tell(body, header) == 401, header
    for header in [f"{at},{at},{signature}", f"t={'9' * 400},{signature}", f"{at},v0={signature[3:]}"]:
        assert tell(body, header) == 401, header
    assert tell(body.replace(b"cus_1", b"cus_2"), good) == 401
    for nonsense in [b"", b"[]", b"null", b"{}", b'{"id": 7}', b'{"id": "e", "data": []}', b"[" * 9000, b"\xff"]:
        text = nonsense.decode(errors="replace").encode()
        assert tell(text) == 400, nonsense
    assert not PaymentCallback.objects.exists()


def test_an_event_of_another_kind_or_of_another_shop_is_kept_and_says_nothing(account: Stripe) -> None:
    order, _payment, session = opened(account)
    kind, thing = account.pay(session)
    foreign = thing | {"client_reference_id": "x", "metadata": {"reference": "x", "shop": "https://other.example"}}
    tell(event("customer.created", {"id": "cus_1"}, "evt_1"))
    tell(event(kind, foreign, "evt_2"))
    tell(event(kind, thing | {"payment_status": "unpaid"}, "evt_3"))
    run_due_jobs()
    assert status(order) == "pending"
    assert list(PaymentCallback.objects.values_list("status", flat=True)) == ["ignored"] * 3


def test_an_event_that_is_not_understood_is_held_for_staff(account: Stripe) -> None:
    order, _payment, session = opened(account)
    kind, thing = account.pay(session)
    assert tell(event(kind, {name: thing[name] for name in thing if name != "amount_total"})) == 200
    run_due_jobs()
    kept = PaymentCallback.objects.get()
    assert (kept.status, kept.note, status(order)) == ("held", "not understood: KeyError while reading it", "pending")


@pytest.mark.parametrize(
    "twist",
    [{"amount_total": 1}, {"currency": "jpy"}, {"metadata": {"reference": "", "shop": "https://other.example"}}],
)
def test_another_sum_currency_or_payee_is_held(account: Stripe, twist: dict[str, Any]) -> None:
    order, payment, session = opened(account)
    kind, thing = account.pay(session)
    tell(event(kind, thing | twist))
    run_due_jobs()
    payment.refresh_from_db()
    assert (status(order), written(order)[-1]) == ("pending", "payment_held")
    assert payment.held


def test_a_page_that_runs_out_and_a_payment_that_fails_are_written_down(account: Stripe) -> None:
    for kind, ended in (("checkout.session.expired", "voided"), ("checkout.session.async_payment_failed", "failed")):
        _order, payment, session = opened(account)
        tell(event(kind, account.sessions[session], f"evt_{kind}"))
        run_due_jobs()
        payment.refresh_from_db()
        assert payment.status == ended


def test_the_end_of_an_order_closes_its_page(account: Stripe) -> None:
    order, payment, session = opened(account)
    expire_order(order.pk, order.pay_by)
    run_due_jobs()
    payment.refresh_from_db()
    assert (account.sessions[session]["status"], payment.status) == ("expired", "voided")


def test_who_paid_before_his_page_was_closed_has_paid(account: Stripe) -> None:
    """The event is still on its way; asking finds the money all the same, and the event changes nothing after it."""
    order, payment, session = opened(account)
    kind, thing = account.pay(session)
    expire_order(order.pk, order.pay_by)
    stop_open_payments(order.pk)
    payment.refresh_from_db()
    assert (payment.status, payment.transaction, written(order)[-1]) == ("paid", f"pi_{session}", "payment_late")
    tell(event(kind, thing))
    run_due_jobs()
    assert (status(order), written(order).count("payment_late")) == ("confirmed", 1)


def test_a_refund_whose_answer_was_lost_is_made_once(account: Stripe) -> None:
    order, payment = paid(account)
    account.faults = ["lost", "lost"]
    start_refund(order.pk, amount=Decimal("1.00"), reason=Refund.Reason.GOODWILL, actor=Actor.STAFF)
    for _ in range(3):
        run_due_jobs()
        travel(timedelta(hours=3))
    refund = Refund.objects.get()
    payment.refresh_from_db()
    assert (refund.status, refund.provider_id, payment.status) == ("done", "re_1", "partially_refunded")
    assert [(one["amount"], one["currency"]) for one in account.refunds.values()] == [(100, "gbp")]


def test_a_refund_that_stripe_refuses_stays_ours_and_one_that_fails_later_is_told(account: Stripe) -> None:
    order, payment = paid(account)
    Payment.objects.filter(pk=payment.pk).update(captured="9.00")
    start_refund(order.pk, amount=Decimal("8.00"), reason=Refund.Reason.GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    refund = Refund.objects.get()
    assert (refund.status, written(order)[-1]) == ("failed", "refund_failed")
    done = start_refund(order.pk, amount=Decimal("1.00"), reason=Refund.Reason.GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    failed = account.refunds["re_1"] | {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    tell(event("refund.failed", failed, "evt_late"))
    run_due_jobs()
    done.refresh_from_db()
    assert done.status == "done"
    assert order.events.latest("pk").note == "after it had been done: lost_or_stolen_card"


def test_promised_money_is_taken_at_the_dispatch_and_let_go_with_the_order(account: Stripe, settings: Any) -> None:
    settings.PAYMENT_CAPTURE = "on_dispatch"
    order, payment = paid(account)
    assert (payment.status, payment.captured) == ("paid", order.total)  # promised, sent by the sandbox's carrier, taken
    assert account.intents[payment.transaction]["status"] == "succeeded"
    settings.DELIVERY_CARRIER = "manual"
    order, payment = paid(account)
    assert (status(order), payment.status) == ("confirmed", "authorized")
    cancel(order.pk, Actor.CUSTOMER)
    run_due_jobs()
    payment.refresh_from_db()
    assert (payment.status, account.intents[payment.transaction]["status"]) == ("voided", "canceled")


def test_a_key_that_stripe_does_not_know_is_no_answer_for_a_refund(account: Stripe, settings: Any) -> None:
    order, _payment = paid(account)
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    start_refund(order.pk, amount=Decimal("1.00"), reason=Refund.Reason.GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    assert Refund.objects.get().status == "requested"


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("2.55", "GBP", 255),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("1.230", "KWD", 1230),
        ("0.01", "EUR", 1),
    ],
)
def test_sums_are_written_as_stripe_reads_them(amount: str, currency: str, units: int) -> None:
    assert in_units(Decimal(amount), currency) == units
    assert from_units(units, currency) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("1.235", "KWD"), ("2.555", "GBP"), ("1.5", "JPY")])
def test_a_sum_that_stripe_can_not_take_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(GatewayRefused):
        in_units(Decimal(amount), currency)
