"""Voucher codes can't be guessed: after some wrong ones none is looked up for a while."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from orders.models import Order
from tests.factories import VariantFactory, VoucherFactory
from tests.shopping import ADDRESS, checkout_fields, hidden_fields, shopper_with

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
TOO_MANY, UNKNOWN, IN_THE_SUM = "Too many wrong codes", "We know no voucher with this code", "is in the sum"


@pytest.fixture(autouse=True)
def voucher() -> None:
    VoucherFactory(code="HELLO")


def shopper(**options: Any) -> Client:
    return shopper_with({VariantFactory(price="2.55").sku: 1}, **options)


def told(client: Client, code: str, **more: str) -> str:
    page = client.post("/checkout/", ADDRESS | {"voucher": code, "update": "1"} | more).content.decode()
    return next(words for words in (TOO_MANY, UNKNOWN, IN_THE_SUM) if words in page)


def guess(client: Client, times: int = 10) -> list[str]:
    return [told(client, f"GUESS-{number}") for number in range(times)]


def test_after_ten_wrong_codes_no_code_is_looked_up_not_even_a_right_one() -> None:
    client = shopper()
    assert guess(client) == [UNKNOWN] * 10
    assert [told(client, "GUESS-10"), told(client, "HELLO")] == [TOO_MANY] * 2
    assert "HELLO" not in client.get("/checkout/").content.decode()


def test_an_order_is_no_way_round_the_limit_and_goes_through_without_a_code() -> None:
    client = shopper()
    guess(client)
    fields = checkout_fields(client)
    assert TOO_MANY in client.post("/checkout/", fields | {"voucher": "HELLO"}).content.decode()
    assert not Order.objects.exists()
    assert client.post("/checkout/", fields).status_code == 302


def test_a_wrong_code_that_stays_in_the_field_counts_once() -> None:
    client = shopper()
    assert [told(client, "WRONG", city=f"City {number}") for number in range(15)] == [UNKNOWN] * 15
    assert told(client, "HELLO") == IN_THE_SUM


def test_right_codes_are_not_counted() -> None:
    client = shopper()
    assert [told(client, "HELLO") for _ in range(12)] == [IN_THE_SUM] * 12


def test_who_begins_a_new_session_for_each_guess_is_known_by_his_address() -> None:
    for number in range(30):
        assert told(shopper(), f"GUESS-{number}") == UNKNOWN
    assert told(shopper(), "HELLO") == TOO_MANY
    assert told(shopper(REMOTE_ADDR="203.0.113.7"), "HELLO") == IN_THE_SUM


def test_after_ten_minutes_one_may_try_again() -> None:
    client = shopper()
    guess(client)
    with travel(timezone.now() + timedelta(minutes=11)):
        assert told(client, "HELLO") == IN_THE_SUM
        page = client.post("/checkout/", ADDRESS | {"voucher": "HELLO", "update": "1"})
        client.post("/checkout/", ADDRESS | {"voucher": "HELLO"} | hidden_fields(page))
    assert Order.objects.get().voucher_code == "HELLO"
