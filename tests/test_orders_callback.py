"""Where gateways call: only their own word counts, and nonsense gets an answer, never a breakdown."""

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from orders.callbacks import LARGEST_BODY, payment_callback
from orders.inbox import forget_bodies
from orders.models import PaymentCallback
from orders.payments.sandbox import SIGNATURE, SIGNER, write_notice
from shop.ops.serving import GUNICORN
from tests.shopping import CALLBACK, call_back, heard, notice_for, placed_order, run_queue, status, written

databases = pytest.mark.databases
FIELDS = {
    "id": "e",
    "reference": "r",
    "outcome": "paid",
    "amount": "1",
    "currency": "GBP",
    "transaction": "t",
    "payee": "",
}
WRONG = {
    "reference": [None, 5, ["r"], {"pk": 1}, "r\x00", "\ud800"],
    "id": [None, 5, ["e"], "e\x00", "e" * 101],
    "outcome": [None, 5, [], "shipped", "pending"],
    "amount": [None, [1], {}, "", "much", "NaN", "sNaN", "Infinity"],
    "currency": [None, 5, [], "G\x00"],
}
MALFORMED = [
    *(b"", b"\xff\xfe", b"null", b"[]", b"7", b"{}", b'"reference"', b"[" * 60_000, b"9" * 60_000),
    *(json.dumps(FIELDS | {name: value}).encode() for name, values in WRONG.items() for value in values),
    *(json.dumps({name: FIELDS[name] for name in FIELDS if name != missing}).encode() for missing in FIELDS),
]
HEADS = {
    "no length": b"",
    "no number": b"Content-Length: ten\r\n",
    "negative": b"Content-Length: -1\r\n",
    "signed": b"Content-Length: +5\r\n",
    "digits of other scripts": "Content-Length: ١٢\r\n".encode(),
    "thousands of digits": b"Content-Length: " + b"9" * 5000 + b"\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n",
    "chunks": b"Transfer-Encoding: chunked\r\n",
    "signature of bytes": b"Content-Length: 2\r\nSandbox-Signature: \xff\xfe:\xc3\x28:\xe9\r\n",
    "signature of colons": b"Content-Length: 2\r\nSandbox-Signature: :::::\r\n",
}


def signed(body: bytes) -> tuple[str, bytes]:
    return SIGNER.sign(hashlib.sha256(body).hexdigest()), body


@databases
@pytest.mark.django_db
def test_a_notice_counts_only_for_a_payment_of_its_own_gateway() -> None:
    unknown, other = placed_order(), placed_order()
    other.payments.update(gateway="manual")
    heard(*write_notice(notice_for(unknown.payments.get(), reference="nobody-knows")))
    heard(*write_notice(notice_for(other.payments.get())))
    assert [status(unknown), status(other)] == ["pending", "pending"]
    assert set(PaymentCallback.objects.values_list("status", flat=True)) == {"held"}


@pytest.mark.django_db
def test_a_notice_that_is_not_the_gateways_own_word_is_refused() -> None:
    order = placed_order()
    headers, body = write_notice(notice_for(order.payments.get()))
    signature = headers[SIGNATURE]
    with time_machine.travel(timezone.now() - timedelta(minutes=6)):
        old = write_notice(notice_for(order.payments.get()))[0][SIGNATURE]
    forged = [
        signature[:-1],
        signature.rpartition(":")[0],
        signature.replace(":", ""),
        "",
        ":",
        "é:ü:ß",
        "\x00",
        "a" * 4000,
    ]
    assert {call_back(wrong, body) for wrong in [old, *forged]} == {401}
    assert call_back(signature, body.replace(b"2.55", b"0.01")) == 401
    assert call_back(signature, body, "/callbacks/payments/manual/") == 404
    assert call_back(signature, body, "/callbacks/payments/elsewhere/") == 404
    assert (status(order), written(order)) == ("pending", ["placed", "payment_started"])


@databases
@pytest.mark.django_db
@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:90]))
def test_a_malformed_body_is_an_answer_and_no_breakdown(body: bytes) -> None:
    order = placed_order()
    order.payments.update(reference=FIELDS["reference"])
    assert [call_back("unsigned", body), call_back(*signed(body))] == [401, 400]
    assert (status(order), written(order)) == ("pending", ["placed", "payment_started"])
    assert not PaymentCallback.objects.exists()


@databases
@pytest.mark.django_db
def test_what_gateways_said_is_forgotten_after_ninety_days_and_their_events_stay_known() -> None:
    order = placed_order()
    callback = write_notice(notice_for(order.payments.get()))
    heard(*callback)
    heard(*write_notice(notice_for(order.payments.get(), reference="nobody-knows")))
    now = timezone.now()
    assert [forget_bodies(now + timedelta(days=days)) for days in (89, 91, 91)] == [0, 1, 0]
    assert [bool(kept.body) for kept in PaymentCallback.objects.order_by("pk")] == [False, True]  # the second is held


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_the_callback_is_for_posts(method: str) -> None:
    assert getattr(Client(), method)(CALLBACK).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("length", [str(LARGEST_BODY + 1), "9" * 30, "9" * 5000])
def test_a_body_that_is_too_big_is_not_read(length: str) -> None:
    request = RequestFactory().post(CALLBACK, b"{}", content_type="application/json")
    request.META["CONTENT_LENGTH"] = length
    assert payment_callback(request, "sandbox").status_code == 413


@pytest.fixture
def served(process_environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The shop's own gunicorn on this test's database: its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        os.set_inheritable(door.fileno(), True)
        command = [*GUNICORN, "--workers", "1", "--bind", f"fd://{door.fileno()}"]
        server = subprocess.Popen(command, env=process_environment, pass_fds=[door.fileno()], cwd=settings.BASE_DIR)
        try:
            yield door.getsockname()
        finally:
            server.terminate()
            server.wait(20)


@pytest.mark.django_db(transaction=True)
def test_heads_that_no_client_of_good_will_sends_break_nothing_down(served: tuple[str, int]) -> None:
    answers = {}
    for name, head in HEADS.items():
        with socket.create_connection(served, timeout=30) as line:
            start = f"POST {CALLBACK} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
            line.sendall(start + head + b"\r\n" + (b"2\r\n{}\r\n0\r\n\r\n" if name == "chunks" else b"{}"))
            answers[name] = int(line.makefile("rb").readline().split()[1])
    assert set(answers.values()) <= {400, 401, 413, 431}, answers


@pytest.mark.django_db
def test_the_sandbox_page_is_there_only_where_the_shop_uses_the_sandbox(settings: Any) -> None:
    order = placed_order()
    address = f"/sandbox-pay/{order.payments.get().reference}/"
    settings.PAYMENT_GATEWAY = "manual"
    assert Client().post(address, {"outcome": "paid"}).status_code == 404
    settings.PAYMENT_GATEWAY = "sandbox"
    assert Client().post(address, {"outcome": "paid"}).status_code == 302
    run_queue()
    assert status(order) == "confirmed"


@databases
@pytest.mark.django_db
@pytest.mark.parametrize("reference", ["unknown", "%00", "%FF", "x" * 3000, "%F0%9F%92%A9"])
def test_a_reference_that_nobody_gave_out_has_no_page(reference: str) -> None:
    assert Client().get(f"/sandbox-pay/{reference}/").status_code == 404
