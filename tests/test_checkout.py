"""From cart to order: only by a submit, once per form, at the catalogue's prices, and seen by nobody else."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from orders.models import Order, OrderEvent, OrderLine, Payment
from queue_table.models import Job
from shop.cart.models import KeptLine
from shop.catalogue.models import Stock, StockMovement, Variant
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.shopping import (
    checkout_fields,
    hidden_fields,
    new_key,
    placed_order,
    shopper_with,
    submit_as,
    take_cookies,
)

databases = pytest.mark.databases
pytestmark = pytest.mark.django_db


def submit(client: Client, fields: dict[str, str]) -> Any:
    return client.post("/checkout/", fields)


def in_cart(client: Client) -> dict[str, int]:
    return dict(KeptLine.objects.of(client.session.get("cart", "")).values_list("sku", "quantity"))


def nothing_is_ordered() -> bool:
    written = any(model.objects.exists() for model in (Order, OrderLine, OrderEvent, Payment, Job))
    return not written and set(StockMovement.objects.values_list("kind", flat=True)) <= {"received"}


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


@databases
def test_a_submit_orders_what_is_in_the_cart_at_the_prices_of_the_catalogue() -> None:
    first, second = VariantFactory(price="2.55"), VariantFactory(price="10.00")
    client = shopper_with({first.sku: 2, second.sku: 1})
    answer = submit(client, checkout_fields(client) | {"price": "0.01", "total": "0.01", f"price-{first.sku}": "0"})
    order = Order.objects.get()
    assert answer["Location"] == f"/orders/{order.number}/pay/"
    assert (order.total, order.payments.get().amount) == (Decimal("15.10"), Decimal("15.10"))
    bought = order.lines.values_list("sku", "unit_price", "quantity")
    assert list(bought) == [(first.sku, Decimal("2.55"), 2), (second.sku, Decimal("10.00"), 1)]
    assert in_cart(client) == {}
    assert Stock.objects.get(pk=first.pk).reserved == 2
    Variant.objects.update(price="99.00")  # a later price is no matter of this order
    assert "99.00" not in said(client.get(f"/orders/{order.number}/"))


@pytest.mark.parametrize("path", ["/checkout/", "/cart/", "/orders/x/", "/orders/x/cancel/"])
def test_looking_at_a_page_orders_nothing(path: str) -> None:
    variant = VariantFactory()
    client = shopper_with({variant.sku: 1})
    fields = checkout_fields(client)
    for method in ("get", "head", "options"):
        getattr(client, method)(path, fields if method == "get" else None)
    assert nothing_is_ordered()
    assert in_cart(client) == {variant.sku: 1}


@databases
def test_the_same_submit_again_is_the_same_order() -> None:
    variant = VariantFactory()
    client = shopper_with({variant.sku: 2})
    fields = checkout_fields(client)
    answers = [submit(client, fields) for _ in range(2)]  # the second one after the cart was emptied
    client.post("/cart/add/", {"sku": variant.sku, "quantity": 5})
    answers.append(submit(client, fields))
    assert {answer["Location"] for answer in answers} == {f"/orders/{Order.objects.get().number}/pay/"}
    assert Stock.objects.get(pk=variant.pk).reserved == 2
    assert in_cart(client) == {variant.sku: 5}  # what he put in afterwards is not what he ordered


@databases
@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_order() -> None:
    for _ in range(6):
        variant = VariantFactory(pieces=1)
        client = shopper_with({variant.sku: 1})
        fields, cookie = checkout_fields(client), client.cookies["sessionid"].value
        answers = at_once(*[partial(submit_as, cookie, fields)] * 4)
        assert {answer.status_code for answer in answers} == {302}
        assert len({answer["Location"] for answer in answers}) == 1
        take_cookies(client, answers)
        assert client.get(answers[0]["Location"]).status_code == 200
        assert Stock.objects.get(pk=variant.pk).reserved == 1
    assert Order.objects.count() == 6


@databases
@pytest.mark.django_db(transaction=True)
def test_many_clicks_on_what_is_sold_out_are_all_told_so() -> None:
    for _ in range(6):
        variant = VariantFactory(pieces=1)
        client = shopper_with({variant.sku: 1})
        fields, cookie = checkout_fields(client), client.cookies["sessionid"].value
        Stock.objects.update(reserved=1)
        answers = at_once(*[partial(submit_as, cookie, fields)] * 5)
        assert [getattr(answer, "headers", {}).get("Location") for answer in answers] == ["/cart/"] * 5, answers
    assert nothing_is_ordered()


@databases
@pytest.mark.django_db(transaction=True)
def test_of_many_shoppers_only_so_many_order_as_there_are_pieces() -> None:
    variant = VariantFactory(pieces=3)
    clients = [shopper_with({variant.sku: 1}) for _ in range(6)]
    answers = at_once(*(partial(submit, client, checkout_fields(client)) for client in clients))
    assert sorted(answer["Location"] == "/cart/" for answer in answers) == [False] * 3 + [True] * 3
    assert Order.objects.count() == Stock.objects.get(pk=variant.pk).reserved == 3


@pytest.mark.parametrize("total", ["0", "0.01", "-5.10", "5.09", "1e1000000", "5.1000001", "999999999999"])
def test_a_sum_that_is_not_the_catalogues_is_refused_and_the_right_one_shown(total: str) -> None:
    variant = VariantFactory(price="2.55")
    client = shopper_with({variant.sku: 2})
    fields = checkout_fields(client)
    answer = submit(client, fields | {"expected_total": total})
    assert "The sum has changed" in said(answer)
    assert "£5.10" in said(answer)
    assert nothing_is_ordered()
    shown = hidden_fields(answer)
    assert (shown["key"], shown["expected_total"]) == (fields["key"], "5.10")
    assert submit(client, fields | shown).status_code == 302


def test_a_price_that_rose_meanwhile_is_shown_before_it_is_paid() -> None:
    variant = VariantFactory(price="2.55")
    client = shopper_with({variant.sku: 1})
    fields = checkout_fields(client)
    Variant.objects.update(price="7.00")
    answer = submit(client, fields)
    assert "£7.00" in said(answer)
    assert nothing_is_ordered()
    assert in_cart(client) == {variant.sku: 1}


NONSENSE = [
    {"expected_total": "NaN"},
    {"expected_total": "sNaN"},
    {"expected_total": "Infinity"},
    {"expected_total": ""},
    {"key": ""},
    {"key": "short"},
    {"key": "k" * 65},
    {"key": "\x00" * 30},
    {"country": "XX"},
    {"country": "GBR"},
    {"name": "\x00"},
    {"name": "x" * 121},
    {"name": " "},
    {"email": "ada"},
    {"email": "a@b.c\nBcc: x@y.z"},
    {"address": "x" * 301},
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=lambda wrong: repr(wrong)[:40])
def test_nonsense_is_asked_again_and_orders_nothing(wrong: dict[str, str]) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    assert submit(client, checkout_fields(client) | wrong).status_code == 200
    assert nothing_is_ordered()


@databases
def test_sold_out_meanwhile_writes_nothing_keeps_the_cart_and_says_so() -> None:
    variant, other = VariantFactory(pieces=2), VariantFactory()
    client = shopper_with({other.sku: 1, variant.sku: 2})
    fields = checkout_fields(client)
    taken = placed_order(variant=variant)
    answer = client.post("/checkout/", fields, follow=True)
    assert answer.redirect_chain == [("/cart/", 302)]
    assert "Meanwhile there are fewer left than you asked for" in said(answer)
    assert list(Order.objects.all()) == [taken]
    assert Stock.objects.get(pk=other.pk).reserved == 0
    assert in_cart(client) == {other.sku: 1, variant.sku: 2}


def test_what_is_no_longer_sold_is_not_ordered_unseen() -> None:
    kept, gone = VariantFactory(), VariantFactory()
    client = shopper_with({kept.sku: 1, gone.sku: 1})
    fields = checkout_fields(client)
    gone.delete()
    assert "The sum has changed" in said(submit(client, fields))
    assert nothing_is_ordered()


def test_an_empty_cart_leads_to_the_cart() -> None:
    client, full = Client(), shopper_with({VariantFactory().sku: 1})
    assert client.get("/checkout/")["Location"] == "/cart/"
    assert submit(client, checkout_fields(full) | {"expected_total": "0"})["Location"] == "/cart/"
    assert nothing_is_ordered()


def test_a_key_stays_free_until_an_order_has_it() -> None:
    variant = VariantFactory(pieces=1)
    client, key = shopper_with({variant.sku: 1}), new_key()
    fields = checkout_fields(client) | {"key": key}
    Stock.objects.update(reserved=1)
    assert submit(client, fields)["Location"] == "/cart/"
    Stock.objects.update(reserved=0)
    assert submit(client, fields)["Location"] == f"/orders/{Order.objects.get(submit_key=key).number}/pay/"


@pytest.mark.django_db
def test_a_missing_field_is_asked_for_beside_it_and_what_was_typed_stays() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    fields = checkout_fields(client) | {"name": "", "city": "", "email": "ada@example.org"}
    page = client.post("/checkout/", fields).content.decode()
    assert "Write the name that stands on your door" in page
    assert "Write the town or city." in page
    assert 'value="ada@example.org"' in page
    assert not Order.objects.exists()


@databases
def test_a_process_killed_as_the_cart_is_emptied_leaves_a_full_cart_and_no_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variant = VariantFactory(pieces=2)
    client = shopper_with({variant.sku: 1}, raise_request_exception=False)
    fields = checkout_fields(client)
    monkeypatch.setattr("shop.cart.cart.Cart.take_out", lambda *_: 1 / 0)
    assert client.post("/checkout/", fields).status_code == 500
    monkeypatch.undo()
    assert not Order.objects.exists()
    assert in_cart(client) == {variant.sku: 1}
