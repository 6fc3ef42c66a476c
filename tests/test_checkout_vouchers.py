"""A voucher lets off what it says, as often as it says, and never by surprise."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from orders.lifecycle import Actor
from orders.models import Order
from orders.services import cancel_order, expire_order
from shop.checkout import vouchers
from shop.checkout.exceptions import ChoiceRefused
from shop.checkout.models import Voucher, VoucherUse
from tests.at_once import at_once
from tests.customers import browser_of, customer
from tests.factories import CONTACT, ShippingRateFactory, VariantFactory, VoucherFactory
from tests.shopping import ADDRESS, checkout_fields, hidden_fields, placed_order, run_queue, shopper_with, submit_as

databases = pytest.mark.databases
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def page_with(client: Client, code: str, **fields: str) -> Any:
    """The checkout page after the code was applied."""
    return client.post("/checkout/", ADDRESS | fields | {"voucher": code, "update": "1"})


def order_with(client: Client, code: str, **fields: str) -> Any:
    """Applies the code and orders at the sum that is then shown."""
    shown = hidden_fields(page_with(client, code, **fields))
    return client.post("/checkout/", ADDRESS | fields | {"voucher": code} | shown)


def used(voucher: Voucher) -> tuple[int, int]:
    """As its counter says, and as its uses say."""
    return Voucher.objects.get(pk=voucher.pk).used, VoucherUse.objects.filter(voucher=voucher).count()


@databases
def test_an_order_with_a_voucher_costs_less_and_remembers_which() -> None:
    voucher = VoucherFactory(code="HELLO10", kind="percent", percent=10)
    client = shopper_with({VariantFactory(price="2.55").sku: 3, VariantFactory(price="0.99").sku: 1})
    page = page_with(client, " hello10 ").content.decode()
    assert "HELLO10 is in the sum" in page
    assert "−£0.86" in page
    assert order_with(client, "hello10").status_code == 302
    order = Order.objects.get()
    assert (order.subtotal, order.discount, order.total) == (Decimal("8.64"), Decimal("0.86"), Decimal("7.78"))
    assert sum(line.discount for line in order.lines.all()) == order.discount
    assert (order.voucher_code, order.payments.get().amount) == ("HELLO10", Decimal("7.78"))
    assert used(voucher) == (1, 1)


def test_free_delivery_is_free_and_the_goods_cost_what_they_cost() -> None:
    ShippingRateFactory(price="2.95")
    VoucherFactory(code="FREESHIP", kind="free_shipping")
    client = shopper_with({VariantFactory(price="2.55").sku: 1})
    order_with(client, "FREESHIP")
    order = Order.objects.get()
    assert (order.discount, order.shipping, order.total) == (0, 0, Decimal("2.55"))


@databases
def test_an_order_that_costs_nothing_is_paid() -> None:
    VoucherFactory(code="ALL", kind="percent", percent=100)
    client = shopper_with({VariantFactory().sku: 1})
    answer = order_with(client, "ALL")
    order = Order.objects.get()
    assert (order.status, order.total, order.payments.count()) == ("confirmed", 0, 0)
    assert client.get(answer["Location"], follow=True).redirect_chain[-1][0] == f"/orders/{order.number}/"
    run_queue()


REFUSALS = [
    ("NO-SUCH", {}, "We know no voucher with this code"),
    ("HELLO", {"starts_at": timezone.now() + DAY}, "This voucher is not valid yet"),
    ("HELLO", {"ends_at": timezone.now() - DAY}, "This voucher is no longer valid"),
    ("HELLO", {"limit_total": 3, "used": 3}, "This voucher has been used up"),
    ("HELLO", {"limit_total": 0}, "This voucher has been used up"),
    ("HELLO", {"least_subtotal": 4}, "for goods of £4.00 or more: £1.45 more"),
    ("HELLO", {"limit_per_customer": 0}, "You have used this voucher as often as one may"),
    ("\x00", {}, "We know no voucher with this code"),
    ("🎁🎁🎁", {}, "We know no voucher with this code"),
    ("HELLO\x00", {}, "We know no voucher with this code"),
    ("x" * 10_000, {}, "We know no voucher with this code"),
    ("' OR 1=1 --", {}, "We know no voucher with this code"),
]


@databases
@pytest.mark.parametrize(("code", "state", "words"), REFUSALS, ids=lambda part: str(part)[:30])
def test_a_voucher_that_can_not_be_used_is_refused_with_its_reason_and_nothing_is_ordered(
    code: str, state: dict[str, Any], words: str
) -> None:
    voucher = VoucherFactory(code="HELLO", **state)
    client = shopper_with({VariantFactory(price="2.55").sku: 1})
    assert words in page_with(client, code).content.decode()
    answer = client.post("/checkout/", checkout_fields(client) | {"voucher": code})
    assert words in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Order.objects.exists()
    assert used(voucher) == (state.get("used", 0), 0)


@databases
def test_a_guest_has_his_turns_however_he_writes_his_mail() -> None:
    voucher = VoucherFactory(code="ONCE", limit_per_customer=1)
    order_with(shopper_with({VariantFactory().sku: 1}), "ONCE", email="ada@example.org")
    again = shopper_with({VariantFactory().sku: 1})
    answer = order_with(again, "ONCE", email=" ADA@Example.ORG")
    assert "You have used this voucher as often as one may" in answer.content.decode()
    assert used(voucher) == (1, 1)
    assert order_with(again, "ONCE", email="grace@example.org").status_code == 302


@databases
def test_a_customer_has_his_turns_whatever_mail_he_writes() -> None:
    VoucherFactory(code="TWICE", limit_per_customer=2)
    user = User.objects.create_user("ada", email="ada@example.org")
    answers = []
    for address in ("a@example.org", "b@example.org", "c@example.org"):
        client = Client()
        client.force_login(user)
        client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
        answers.append(order_with(client, "TWICE", email=address).status_code)
    assert answers == [302, 302, 200]
    assert set(VoucherUse.objects.values_list("customer", "nth")) == {(f"customer:{user.pk}", n) for n in (1, 2)}


@databases
@pytest.mark.parametrize("first", ["guest", "customer"])
@pytest.mark.parametrize("typed", ["ada@example.org", "other@example.org"])
def test_a_customer_who_orders_as_a_guest_too_has_no_second_turn(first: str, typed: str) -> None:
    """The guest writes the address that the account has proved; the customer, logged in, that or any other."""
    voucher = VoucherFactory(code="ONCE", limit_per_customer=1)
    user = customer("ada@example.org")

    def order_of(who: str) -> Any:
        client = browser_of(user) if who == "customer" else Client()
        client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
        return order_with(client, "ONCE", email=typed if who == "customer" else "ADA@example.org")

    assert order_of(first).status_code == 302
    second = order_of("customer" if first == "guest" else "guest")
    assert "You have used this voucher as often as one may" in second.content.decode()
    assert used(voucher) == (1, 1)


@databases
def test_the_turns_of_two_people_are_their_own() -> None:
    VoucherFactory(code="ONCE", limit_per_customer=1)
    for user in (customer("ada@example.org"), customer("grace@example.org")):
        client = browser_of(user)
        client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
        assert order_with(client, "ONCE", email=user.email).status_code == 302
    assert order_with(shopper_with({VariantFactory().sku: 1}), "ONCE", email="eve@example.org").status_code == 302


def give_back(order_number: str) -> None:
    with transaction.atomic():
        vouchers.give_back(order_number)


def placed_with(code: str, email: str) -> Order:
    contact = CONTACT.__class__(**CONTACT.__dict__ | {"email": email})
    variant = VariantFactory(price="2.55")
    return placed_order(variant=variant, voucher=code, contact=contact, expected_total=Decimal("1.55"))


@databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_as_many_use_a_voucher_as_its_limit_says() -> None:
    voucher = VoucherFactory(code="THREE", limit_total=3)
    variants = [VariantFactory(price="2.55") for _ in range(20)]
    calls = [partial(placed_order, variant=v, voucher="THREE", expected_total=Decimal("1.55")) for v in variants]
    outcomes = at_once(*calls)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ChoiceRefused"] * 17 + ["Order"] * 3, outcomes
    assert used(voucher) == (3, 3)
    assert Order.objects.count() == 3


@databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_by_one_guest_as_many_have_a_turn_as_one_may() -> None:
    voucher = VoucherFactory(code="TWO", limit_per_customer=2)
    addresses = ["ada@example.org", "ADA@EXAMPLE.ORG", "Ada@example.org", "ada@EXAMPLE.org"] * 5
    variants = [VariantFactory(price="2.55") for _ in addresses]
    calls = [
        partial(
            placed_order,
            variant=variant,
            voucher="TWO",
            contact=CONTACT.__class__(**CONTACT.__dict__ | {"email": address}),
            expected_total=Decimal("1.55"),
        )
        for variant, address in zip(variants, addresses, strict=True)
    ]
    outcomes = at_once(*calls)
    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 2, outcomes
    assert sum(isinstance(outcome, ChoiceRefused) for outcome in outcomes) == 18, outcomes
    assert used(voucher) == (2, 2)


@databases
@pytest.mark.django_db(transaction=True)
def test_a_double_click_uses_the_voucher_once() -> None:
    for _ in range(4):
        voucher = VoucherFactory(limit_total=1, limit_per_customer=1)
        client = shopper_with({VariantFactory().sku: 1})
        shown = hidden_fields(page_with(client, voucher.code))
        fields = ADDRESS | {"voucher": voucher.code} | shown
        answers = at_once(*[partial(submit_as, client.cookies["sessionid"].value, fields)] * 4)
        assert len({answer["Location"] for answer in answers}) == 1
        assert used(voucher) == (1, 1)
    assert Order.objects.count() == 4


@databases
@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_an_order_that_comes_to_nothing_gives_its_voucher_back_once(ending: str) -> None:
    voucher = VoucherFactory(code="ONCE", limit_total=1, limit_per_customer=1)
    order = placed_with("ONCE", "ada@example.org")
    with pytest.raises(ChoiceRefused):
        placed_with("ONCE", "grace@example.org")
    if ending == "cancelled":
        cancel_order(order, Actor.CUSTOMER)
    else:
        expire_order(order.pk, order.pay_by)
    assert used(voucher) == (1, 1)
    run_queue()
    give_back(order.number)  # the same news again
    assert used(voucher) == (0, 0)
    placed_with("ONCE", "ada@example.org")
    assert used(voucher) == (1, 1)


@databases
@pytest.mark.django_db(transaction=True)
def test_giving_back_and_taking_at_once_lose_no_count() -> None:
    voucher = VoucherFactory(code="SOME", limit_total=5, limit_per_customer=5)
    orders = [placed_with("SOME", "ada@example.org") for _ in range(5)]
    variants = [VariantFactory(price="2.55") for _ in range(5)]
    taking = [partial(placed_order, variant=v, voucher="SOME", expected_total=Decimal("1.55")) for v in variants]
    giving = [partial(give_back, order.number) for order in orders for _ in range(2)]
    outcomes = at_once(*taking, *giving)
    taken = sum(isinstance(outcome, Order) for outcome in outcomes)
    assert not [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, ChoiceRefused)], outcomes
    assert used(voucher) == (taken, taken)
