"""The way to an order, for tests that begin behind it."""

import secrets
from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from orders.inbox import apply_callback
from orders.lifecycle import Actor, CallbackStatus, PaymentStatus
from orders.models import Order, Payment, PaymentCallback
from orders.paying import record_payment
from orders.payments.protocol import Notice
from orders.payments.sandbox import SIGNATURE
from queue_table.models import Job
from shop.catalogue.models import Variant
from shop.checkout.access import grant
from shop.checkout.placing import Submit, place_order
from tests.factories import CONTACT, VariantFactory

ADDRESS = {
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "address": "12 St James's Square",
    "city": "London",
    "postcode": "SW1",
    "country": "GB",
}


CALLBACK = "/callbacks/payments/sandbox/"


def new_key() -> str:
    return secrets.token_urlsafe(32)


def placed_order(
    *, variant: Variant | None = None, quantity: int = 1, now: datetime | None = None, **chosen: Any
) -> Order:
    """An order that awaits its payment, of a variant with ten pieces if none is named; `chosen` as in `Submit`."""
    variant = variant or VariantFactory()
    sent = {"key": new_key(), "contact": CONTACT, "expected_total": variant.price * quantity} | chosen
    submit = Submit(**sent)
    return place_order(submit, {variant.sku: quantity}, now=now or timezone.now())


def notice_for(payment: Payment, outcome: PaymentStatus = PaymentStatus.PAID, **said: Any) -> Notice:
    """The gateway's word that fits the payment, but for what `said` says otherwise."""
    fits = {"reference": payment.reference, "amount": payment.amount, "currency": payment.currency}
    return Notice(outcome=outcome, **fits | said)


def call_back(signature: str | dict[str, str], body: bytes, address: str = CALLBACK) -> int:
    """Sends a gateway's callback as it comes from outside; the answer's status code."""
    headers = signature if isinstance(signature, dict) else {SIGNATURE: signature}
    answer = Client(enforce_csrf_checks=True).post(address, body, content_type="application/json", headers=headers)
    return answer.status_code


def heard(*callback: Any) -> None:
    """The gateway called and was answered with 200, and the job that applies what it said has run."""
    assert call_back(*callback) == 200
    for kept in PaymentCallback.objects.filter(status=CallbackStatus.RECEIVED):
        apply_callback(kept.pk)


def paid_order(**wishes: Any) -> Order:
    order = placed_order(**wishes)
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    order.refresh_from_db()
    return order


def run_queue() -> None:
    """One visit of cron: everything that is due is performed."""
    call_command("process_order_queue", processes=0, verbosity=0)


def sent(kind: str, **about: Any) -> int:
    """How many messages of this kind lie in the table, in whatever status; each is a row for each subscriber."""
    rows = Job.objects.filter(kind=kind, **about)
    return max(Counter(rows.values_list("task", flat=True)).values(), default=0)


def status(order: Order) -> str:
    """As it stands in the database."""
    return Order.objects.values_list("status", flat=True).get(pk=order.pk)


def written(order: Order) -> list[str]:
    """The order log, oldest first."""
    return list(order.events.order_by("pk").values_list("kind", flat=True))


def tamper(rows: Any, **columns: Any) -> int:
    """Changes rows past every door of the shop, as somebody with a database client would."""
    return QuerySet.update(rows, **columns)


def shopper_with(quantities: dict[str, int], **options: Any) -> Client:
    """A browser that has put these things into its cart."""
    client = Client(**options)
    for sku, quantity in quantities.items():
        client.post("/cart/add/", {"sku": sku, "quantity": quantity})
    return client


def checkout_fields(client: Client) -> dict[str, str]:
    """What a shopper sends who fills in the checkout page as it is shown to him now."""
    return ADDRESS | hidden_fields(client.get("/checkout/"))


def take_cookies(client: Client, answers: list[Any]) -> None:
    """As a browser does that has sent several requests and gets their answers in any order."""
    for answer in answers:
        client.cookies.update(answer.cookies)


def submit_as(cookie: str, fields: dict[str, str]) -> Any:
    client = Client()
    client.cookies["sessionid"] = cookie
    return client.post("/checkout/", fields)


def hidden_fields(page: Any) -> dict[str, str]:
    """What the shown checkout page sends along unseen."""
    shown = page.context
    return {"key": shown["form"].key, "expected_total": str(shown["quote"].total), "seen": shown["seen"]}


def holder_of(order: Order) -> Client:
    """A browser that may see the order."""
    client = Client()
    request = RequestFactory().get("/")
    request.session = client.session
    client.cookies.update(grant(request, HttpResponse(), order).cookies)
    return client
