"""Several hands at one cart, one voucher, one last piece: nothing is lost, nothing is sold twice, each hand is told."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orders.models import Order
from shop.cart.models import KeptLine
from shop.catalogue.models import Stock, Variant
from shop.checkout.models import Voucher, VoucherUse
from tests.at_once import at_once
from tests.customers import browser_of, customer, log_in
from tests.factories import VariantFactory
from tests.shopping import checkout_fields, new_key, shopper_with, submit_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
ROUNDS = 3


def session_of(client: Client) -> str:
    return str(client.cookies["sessionid"].value)


def tab_of(client: Client) -> Client:
    """Another tab of the same browser, as it is now."""
    tab = Client()
    tab.cookies["sessionid"] = session_of(client)
    return tab


def put(client: Client, sku: str, quantity: int = 1) -> int:
    return int(client.post("/cart/add/", {"sku": sku, "quantity": quantity}).status_code)


def kept_by(holder: str) -> dict[str, int]:
    return dict(KeptLine.objects.of(holder).values_list("sku", "quantity"))


def test_one_browser_with_two_pages_gets_the_last_piece_once() -> None:
    for _ in range(ROUNDS):
        variant = VariantFactory(pieces=1)
        client = shopper_with({variant.sku: 1})
        fields = checkout_fields(client)
        sent = (partial(submit_as, session_of(client), fields | {"key": new_key()}) for _ in range(3))
        places = sorted(answer["Location"][:8] for answer in at_once(*sent))
        assert places == ["/cart/", "/cart/", "/orders/"]
        assert Stock.objects.get(pk=variant.pk).reserved == 1


def test_a_price_that_changes_while_he_orders_is_the_one_he_saw_or_is_told() -> None:
    for _ in range(ROUNDS):
        variant = VariantFactory(price=Decimal("2.55"))
        client = shopper_with({variant.sku: 1})
        order = partial(client.post, "/checkout/", checkout_fields(client))
        answer, _changed = at_once(order, partial(Variant.objects.filter(pk=variant.pk).update, price="9.00"))
        assert answer.status_code == 302 or "The sum has changed" in answer.content.decode()
    assert {order.total for order in Order.objects.all()} <= {Decimal("2.55")}


def test_a_cart_that_changes_while_he_orders_keeps_what_was_not_ordered() -> None:
    for _ in range(ROUNDS):
        ordered, later = VariantFactory(), VariantFactory()
        client = shopper_with({ordered.sku: 1})
        submit = partial(client.post, "/checkout/", checkout_fields(client))
        more = partial(tab_of(client).post, "/cart/set/", {"sku": ordered.sku, "quantity": 2})
        answer, _set, _put = at_once(submit, more, partial(put, tab_of(client), later.sku))
        assert answer.status_code in {200, 302}
        kept = kept_by(client.session["cart"])
        assert kept.pop(later.sku) == 1
        assert answer.status_code == 302 or kept == {ordered.sku: 2}
        assert {line.quantity for order in Order.objects.all() for line in order.lines.all()} <= {1}


@pytest.fixture
def ada() -> Iterator[User]:
    return customer()


def test_two_log_ins_at_once_bring_one_guests_cart_once(ada: User) -> None:
    for _ in range(ROUNDS):
        both, guests = VariantFactory(), VariantFactory()
        put(browser_of(ada), both.sku, 2)
        client = shopper_with({both.sku: 3, guests.sku: 1})
        answers = at_once(*(partial(log_in, tab_of(client)) for _ in range(3)))
        assert {answer.status_code for answer in answers} <= {302, 400}
        kept = kept_by(f"customer:{ada.pk}")
        assert (kept[both.sku], kept[guests.sku]) == (3, 1)
    assert not KeptLine.objects.filter(holder__startswith="guest").exists()


def test_what_is_put_in_during_the_log_in_is_in_the_cart_after_it(ada: User) -> None:
    for _ in range(ROUNDS):
        first, second = VariantFactory(), VariantFactory()
        client = shopper_with({first.sku: 1})
        logged_in, added = at_once(partial(log_in, client), partial(put, tab_of(client), second.sku))
        assert (logged_in.status_code, added) == (302, 302)
        client.get("/cart/")
        assert {first.sku, second.sku} <= set(kept_by(f"customer:{ada.pk}"))


def test_many_hands_add_to_one_cart_and_none_is_lost(ada: User) -> None:
    one, other = VariantFactory(pieces=50), VariantFactory(pieces=5)
    answers = at_once(*(partial(put, browser_of(ada), sku, 2) for sku in [one.sku] * 4 + [other.sku] * 4))
    assert answers == [302] * 8
    assert kept_by(f"customer:{ada.pk}") == {one.sku: 8, other.sku: 5}


def test_a_voucher_for_one_order_is_used_once_however_many_want_it() -> None:
    voucher = Voucher.objects.create(code="ONCE", kind=Voucher.Kind.FIXED, amount=1, limit_total=1)
    variant = VariantFactory(price=Decimal("2.55"), pieces=100)
    sent = [_with_voucher(shopper_with({variant.sku: 1}), number) for number in range(6)]
    answers = at_once(*sent)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [302]
    voucher.refresh_from_db()
    assert (voucher.used, VoucherUse.objects.count(), Order.objects.count()) == (1, 1, 1)
    assert Stock.objects.get(pk=variant.pk).reserved == 1


def _with_voucher(client: Client, number: int) -> Any:
    shown = client.post("/checkout/", {"voucher": "ONCE", "country": "GB", "update": "1"})
    hidden = {"expected_total": str(shown.context["quote"].total), "seen": shown.context["seen"]}
    mail = {"voucher": "ONCE", "email": f"shopper{number}@example.org"}
    return partial(client.post, "/checkout/", checkout_fields(client) | hidden | mail)
