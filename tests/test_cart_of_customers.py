"""A customer's cart goes where he goes, and what he put in as a guest comes along."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from shop.cart.models import KeptLine
from shop.cart.tasks import prune_carts
from shop.ops.tasks import prune_sessions
from tests.at_once import at_once
from tests.factories import VariantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture
def ada() -> User:
    user = User.objects.create_user("ada", "ada@example.org", "a-long-pass-phrase")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def log_in(client: Client) -> None:
    answer = client.post("/account/login/", {"login": "ada@example.org", "password": "a-long-pass-phrase"})
    assert answer.status_code == 302


def at_home(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def put(client: Client, sku: str, quantity: int) -> None:
    assert client.post("/cart/add/", {"sku": sku, "quantity": quantity}).status_code == 302


def kept_by(user: User) -> dict[str, int]:
    return dict(KeptLine.objects.of(f"customer:{user.pk}").values_list("sku", "quantity"))


def test_the_cart_is_the_same_on_the_phone_and_on_the_desk(ada: User) -> None:
    sku = VariantFactory().sku
    put(at_home(ada), sku, 2)
    phone = at_home(ada)
    put(phone, sku, 1)
    assert kept_by(ada) == {sku: 3}
    assert "3 pieces" in phone.get("/cart/").content.decode()


def test_a_guest_who_logs_in_brings_his_cart(ada: User, client: Client) -> None:
    sku = VariantFactory().sku
    put(client, sku, 2)
    client.force_login(ada)
    assert kept_by(ada) == {sku: 2}
    assert "last visit" not in client.get("/cart/").content.decode()
    assert KeptLine.objects.count() == 1


def test_two_carts_become_one_doubling_nothing_and_the_customer_is_told(ada: User, client: Client) -> None:
    tea, lamp, bag = (VariantFactory() for _ in range(3))
    for variant, quantity in ((tea, 1), (lamp, 4)):
        put(at_home(ada), variant.sku, quantity)
    for variant, quantity in ((tea, 3), (lamp, 2), (bag, 1)):
        put(client, variant.sku, quantity)
    log_in(client)
    assert kept_by(ada) == {tea.sku: 3, lamp.sku: 4, bag.sku: 1}
    page = client.get("/cart/").content.decode()
    assert f"From your last visit, also in your cart: {lamp.product.title}." in page
    assert f"Your cart holds: 3 × {tea.product.title}." in page


def test_what_another_tab_puts_in_during_the_log_in_comes_along_too(ada: User, client: Client) -> None:
    first, late = VariantFactory().sku, VariantFactory().sku
    put(client, first, 1)
    guest = client.session["cart"]
    log_in(client)
    KeptLine.objects.create(holder=guest, sku=late, quantity=2, seen_price=1)  # what the other tab's request does now
    page = client.get("/cart/").content.decode()
    assert kept_by(ada) == {first: 1, late: 2}
    assert "3 pieces" in page
    assert "cart" not in client.session


def test_who_logs_out_leaves_his_cart_to_himself(ada: User, client: Client) -> None:
    client.force_login(ada)
    put(client, VariantFactory().sku, 1)
    client.logout()
    assert "Your cart is empty" in client.get("/cart/").content.decode()
    assert len(kept_by(ada)) == 1


def test_tabs_that_add_at_once_lose_nothing_of_each_others(ada: User, client: Client) -> None:
    first, *others = [VariantFactory(pieces=100).sku for _ in range(4)]
    put(client, first, 1)
    cookies = client.cookies

    def tab(sku: str) -> None:
        browser = Client()
        browser.cookies = cookies
        put(browser, sku, 1)

    at_once(*[lambda sku=sku: tab(sku) for sku in [first, first, first, *others]])
    assert dict(KeptLine.objects.values_list("sku", "quantity")) == {first: 4} | dict.fromkeys(others, 1)


def test_the_first_two_adds_of_a_customer_at_once_make_one_line(ada: User) -> None:
    sku = VariantFactory(pieces=100).sku
    at_once(*[lambda: put(at_home(ada), sku, 1)] * 4)
    assert kept_by(ada) == {sku: 4}


def test_sessions_that_are_over_are_forgotten(client: Client) -> None:
    put(client, VariantFactory().sku, 1)
    put(Client(), VariantFactory().sku, 1)
    Session.objects.filter(pk=client.session.session_key).update(expire_date=timezone.now() - timedelta(days=1))
    prune_sessions.call()
    assert Session.objects.count() == 1


def test_carts_of_guests_long_gone_are_forgotten_and_those_of_customers_stay(ada: User, client: Client) -> None:
    sku = VariantFactory().sku
    put(client, sku, 1)
    put(at_home(ada), sku, 1)
    KeptLine.objects.update(touched_at=timezone.now() - timedelta(days=61))
    put(Client(), sku, 1)
    prune_carts.call()
    assert min(KeptLine.objects.values_list("holder", flat=True)) == f"customer:{ada.pk}"
    assert KeptLine.objects.count() == 2
