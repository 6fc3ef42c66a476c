"""What holds in an account when two things happen at the same moment, on each database."""

from functools import partial

import pytest
from django.test import Client

from orders.models import Order, OrderEvent
from orders.services import adopt_orders
from shop.customers.addresses import MOST_ADDRESSES, keep_address
from shop.customers.exceptions import BookFull
from shop.customers.models import Address
from tests.at_once import at_once
from tests.customers import address_of, customer
from tests.factories import VariantFactory
from tests.shopping import ADDRESS, placed_order

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
FIELDS = {name: value for name, value in ADDRESS.items() if name != "email"}


def test_orders_are_adopted_once_by_one_customer() -> None:
    orders = [placed_order(variant=VariantFactory()) for _ in range(3)]
    adopted = at_once(*(partial(adopt_orders, "ADA@example.org", f"customer:{number}") for number in (1, 2)))
    assert sorted(adopted) == [0, 3]
    assert len(set(Order.objects.values_list("customer", flat=True))) == 1
    assert OrderEvent.objects.filter(kind="adopted").count() == len(orders)


def test_of_two_first_addresses_one_is_the_default() -> None:
    user = customer()
    at_once(*(partial(keep_address, Address(user=user, **FIELDS)) for _ in range(4)))
    assert Address.objects.filter(user=user, is_default=True).count() == 1


def test_of_two_choices_of_a_default_one_holds() -> None:
    user = customer()
    kept = [address_of(user) for _ in range(4)]
    at_once(*(partial(Address.objects.filter(user=user).make_default, one.pk) for one in kept))
    assert Address.objects.filter(user=user, is_default=True).count() == 1


def test_a_book_never_holds_more_than_it_may() -> None:
    user = customer()
    for _ in range(MOST_ADDRESSES - 1):
        address_of(user)

    def add() -> bool:
        try:
            keep_address(Address(user=user, **FIELDS))
        except BookFull:
            return False
        return True

    assert sorted(at_once(*[add] * 3)) == [False, False, True]


def test_guesses_that_come_together_are_counted_together() -> None:
    customer()

    def guess() -> bool:
        page = Client().post("/account/login/", {"login": "ada@example.org", "password": "a guess"})
        return b"belong together" in page.content

    assert sum(at_once(*[guess] * 8)) <= 5
