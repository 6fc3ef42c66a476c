"""What a customer finds in his account: his orders, his addresses, his name and language."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from shop.customers.addresses import MOST_ADDRESSES
from shop.customers.models import Address
from shop.mails.models import Mail
from tests.customers import PASSWORD, address_of, browser_of, customer, log_in, mailed_link, order_of
from tests.shopping import ADDRESS, placed_order

pytestmark = pytest.mark.django_db
FIELDS = {name: value for name, value in ADDRESS.items() if name != "email"}
NAMES = ["\U0001f3ee" * 30, "\u05d0\u05d3\u05d4 \u202elovelace", "<b>Ada</b>", "A" * 120]


@pytest.fixture
def ada() -> User:
    return customer()


@pytest.fixture
def hers(ada: User) -> Client:
    return browser_of(ada)


def defaults(user: User) -> list[int]:
    return list(Address.objects.filter(user=user, is_default=True).values_list("pk", flat=True))


def test_his_orders_stand_there_newest_first_and_nobody_elses(ada: User, hers: Client) -> None:
    mine = [order_of(ada) for _ in range(3)]
    other, guests = order_of(customer("bob@example.org")), placed_order()
    page = hers.get("/account/orders/")
    assert [order.number for order in page.context["page"]] == [order.number for order in reversed(mine)]
    for order in (other, guests):
        assert order.number.encode() not in page.content


def test_many_orders_stand_on_pages_at_a_constant_price(
    ada: User, hers: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        order_of(ada)
    with django_assert_max_num_queries(9):
        assert len(hers.get("/account/orders/").context["page"].object_list) == 10
    assert len(hers.get("/account/orders/?page=2").context["page"].object_list) == 2
    assert hers.get("/account/orders/?page=many").status_code == 200
    assert hers.get("/account/orders/?page=99").context["page"].number == 2


def test_his_order_opens_from_any_browser_in_which_he_is_logged_in(ada: User, hers: Client) -> None:
    order = order_of(ada)
    assert hers.get(f"/orders/{order.number}/").status_code == 200
    assert Client().get(f"/orders/{order.number}/").status_code == 404
    assert browser_of(customer("bob@example.org")).get(f"/orders/{order.number}/").status_code == 404


def test_a_guests_order_is_no_other_guests_and_no_customers(hers: Client) -> None:
    order = placed_order()
    assert Client().get(f"/orders/{order.number}/").status_code == 404
    assert hers.get(f"/orders/{order.number}/").status_code == 404


def test_the_first_address_is_offered_first_until_another_is(ada: User, hers: Client) -> None:
    for city in ("London", "Leeds"):
        hers.post("/account/addresses/add/", FIELDS | {"city": city, "phone": "020 1234"})
    first, second = Address.objects.order_by("pk")
    assert defaults(ada) == [first.pk]
    hers.post(f"/account/addresses/{second.pk}/default/")
    assert defaults(ada) == [second.pk]
    hers.post(f"/account/addresses/{second.pk}/remove/")
    assert defaults(ada) == [first.pk]


def test_an_address_is_changed(ada: User, hers: Client) -> None:
    address = address_of(ada)
    hers.post(f"/account/addresses/{address.pk}/", FIELDS | {"city": "Leeds", "is_default": "on"})
    address.refresh_from_db()
    assert (address.city, address.is_default) == ("Leeds", True)


@pytest.mark.parametrize("name", NAMES)
def test_strange_names_are_kept_as_they_are_and_shown_as_text(name: str, hers: Client) -> None:
    hers.post("/account/addresses/add/", FIELDS | {"name": name})
    assert Address.objects.get().name == name
    assert b"<b>Ada" not in hers.get("/account/addresses/").content


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "A" * 121},
        {"country": "XX"},
        {"country": ""},
        {"city": "\x00"},
        {"phone": "1" * 31},
        {"address": "x" * 301},
    ],
)
def test_a_wrong_address_says_so_beside_its_field_and_keeps_the_rest(wrong: dict[str, str], hers: Client) -> None:
    page = hers.post("/account/addresses/add/", FIELDS | wrong)
    assert page.status_code == 200
    assert set(page.context["form"].errors) == set(wrong)
    assert page.context["form"]["address" if "name" in wrong else "name"].value()
    assert not Address.objects.exists()


def test_a_full_book_says_what_to_do(ada: User, hers: Client) -> None:
    for _ in range(MOST_ADDRESSES):
        address_of(ada)
    page = hers.post("/account/addresses/add/", FIELDS)
    assert "Remove one" in page.content.decode()
    assert Address.objects.count() == MOST_ADDRESSES


@pytest.mark.parametrize("act", ["", "remove/", "default/"])
@pytest.mark.parametrize("pk", ["foreign", "999999", "99999999999999999999"])
def test_an_address_that_is_not_his_does_not_exist(act: str, pk: str, hers: Client) -> None:
    foreign = address_of(customer("bob@example.org"))
    number = str(foreign.pk) if pk == "foreign" else pk
    assert hers.post(f"/account/addresses/{number}/{act}", FIELDS | {"city": "Leeds"}).status_code == 404
    foreign.refresh_from_db()
    assert (foreign.city, foreign.is_default) == ("London", False)


def test_name_and_language_hold_from_now_on(ada: User, hers: Client) -> None:
    answer = hers.post("/account/profile/", {"name": "Ada L.", "language": "zh-hans"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    ada.refresh_from_db()
    assert ada.first_name == "Ada L."
    assert log_in(Client()).cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_an_unknown_language_changes_nothing(ada: User, hers: Client) -> None:
    page = hers.post("/account/profile/", {"name": "Ada L.", "language": "xx"})
    assert set(page.context["form"].errors) == {"language"}
    ada.refresh_from_db()
    assert ada.first_name == ""


@pytest.mark.databases
@pytest.mark.parametrize("language", ["zh-hans", "xx", "fr", "en@a-word-too-long", "\x00", "zh-hans" * 99])
def test_the_switch_in_the_footer_is_remembered_for_who_is_logged_in(language: str, hers: Client) -> None:
    hers.post("/language/setlang/", {"language": "en"})
    hers.post("/language/setlang/", {"language": language})
    wanted = "zh-hans" if language == "zh-hans" else "en"
    assert log_in(Client()).cookies[settings.LANGUAGE_COOKIE_NAME].value == wanted


def test_the_header_names_who_is_logged_in_and_asks_the_database_for_nobody_else(
    ada: User, hers: Client, django_assert_max_num_queries: Any
) -> None:
    User.objects.update(first_name="Ada")
    assert b'class="account-name">Ada<' in hers.get("/cart/").content
    with django_assert_max_num_queries(2) as asked:
        page = Client().get("/cart/")
    assert b"/account/login/" in page.content
    assert not [query for query in asked if "auth_user" in query["sql"] or "django_session" in query["sql"]]


def test_a_new_mail_address_holds_from_the_moment_it_is_proved(ada: User, hers: Client) -> None:
    new = "ada@new.example"
    hers.post("/account/email/", {"email": new, "action_add": ""})
    assert log_in(Client(), new).headers["Location"] == "/account/confirm-email/"
    assert log_in(Client()).headers["Location"] == "/account/"
    hers.post(mailed_link(new))
    ada.refresh_from_db()
    assert ada.email == new
    assert log_in(Client(), new).headers["Location"] == "/account/"
    assert log_in(Client()).status_code == 200
    assert Mail.objects.filter(to="ada@example.org", subject="Your e-mail address was changed").exists()


def test_the_wish_for_somebodys_address_takes_nothing_from_her(ada: User, hers: Client) -> None:
    bob = customer("bob@example.org")
    assert hers.post("/account/email/", {"email": bob.email, "action_add": ""}).status_code == 302
    hers.post(mailed_link(bob.email))
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert log_in(Client(), bob.email).headers["Location"] == "/account/"


def test_the_wish_for_a_strangers_address_neither_keeps_her_out_nor_lets_her_in(ada: User, hers: Client) -> None:
    """Else a link mailed to her would lead into an account to which somebody else holds a passkey."""
    eve = "eve@example.org"
    hers.post("/account/email/", {"email": eve, "action_add": ""})
    Client().post("/account/password/reset/", {"email": eve})
    assert Mail.objects.latest("pk").subject == "There is no account with this address"
    cache.clear()
    client = Client()
    client.post("/account/signup/", {"email": eve, "password1": PASSWORD})
    client.post(mailed_link(eve))
    assert client.session["_auth_user_id"] == str(User.objects.get(email=eve).pk) != str(ada.pk)


def test_log_out_ends_the_session(hers: Client) -> None:
    session = hers.cookies[settings.SESSION_COOKIE_NAME].value
    hers.post("/account/logout/")
    hers.cookies[settings.SESSION_COOKIE_NAME] = session
    assert hers.get("/account/").status_code == 302


def test_other_devices_are_logged_out_from_the_list(ada: User) -> None:
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    assert b"this browser" in here.get("/account/sessions/").content
    here.post("/account/sessions/")
    assert [client.get("/account/").status_code for client in (here, there)] == [200, 302]
