"""Into the account: sign-up, log-in, a forgotten password, and nothing learnt by who has none."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as fixed
from django.contrib.auth.models import User
from django.test import Client

from orders.models import Order, OrderEvent
from shop.customers.models import Profile
from shop.mails.models import Mail
from tests.customers import PASSWORD, browser_of, customer, log_in, mailed_link, order_of
from tests.shopping import placed_order

pytestmark = pytest.mark.django_db
NEW = {"email": "ada@example.org", "password1": PASSWORD}
ASKING = {
    "sign-up": ("/account/signup/", lambda email: {"email": email, "password1": PASSWORD}),
    "log-in": ("/account/login/", lambda email: {"login": email, "password": "not her password"}),
    "forgotten password": ("/account/password/reset/", lambda email: {"email": email}),
}
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "https:evil.example",
]


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_who_proves_his_address_by_the_mailed_link_is_in(client: Client) -> None:
    client.post("/account/signup/", NEW)
    assert not is_in(client)
    client.post(mailed_link())
    assert is_in(client)


def test_the_links_page_alone_proves_nothing(client: Client) -> None:
    client.post("/account/signup/", NEW)
    assert b"Was it you?" in client.get(mailed_link()).content
    assert not EmailAddress.objects.get().verified


def test_the_right_password_opens_no_account_whose_address_is_not_proved(client: Client) -> None:
    client.post("/account/signup/", NEW)
    other = Client()
    assert log_in(other).headers["Location"] == "/account/confirm-email/"
    assert not is_in(other)


def test_who_logs_in_is_brought_to_where_he_was_going(client: Client) -> None:
    customer()
    away = client.get("/account/addresses/")
    assert away.headers["Location"] == "/account/login/?next=/account/addresses/"
    assert log_in(client, next="/account/addresses/").headers["Location"] == "/account/addresses/"


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("door", ["log-in", "log-out", "language", "log-in of the admin"])
def test_no_door_leads_to_another_site(door: str, target: str, client: Client) -> None:
    customer(is_staff=True)
    ways: dict[str, Any] = {
        "log-in": lambda: log_in(client, next=target),
        "log-out": lambda: client.post("/account/logout/", {"next": target}),
        "language": lambda: client.post("/language/setlang/", {"language": "en", "next": target}),
        "log-in of the admin": lambda: client.get("/admin/login/", {"next": target}),
    }
    location = ways[door]().headers["Location"]
    assert location.startswith("/")
    assert location[1:2] not in {"/", "\\"}


def test_the_session_of_before_the_log_in_is_not_the_one_after(client: Client) -> None:
    """Who planted a session in somebody's browser must not find himself logged in with it."""
    customer()
    client.get("/account/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[fixed.SESSION_COOKIE_NAME] = before = session.session_key
    log_in(client)
    assert is_in(client)
    assert client.session.session_key != before
    stranger = Client()
    stranger.cookies[fixed.SESSION_COOKIE_NAME] = before
    assert not is_in(stranger)


@pytest.mark.parametrize("asked", ASKING)
def test_an_address_with_an_account_is_answered_as_one_without(asked: str) -> None:
    customer("ada@example.org")
    path, fields = ASKING[asked]
    answers = [Client().post(path, fields(email)) for email in ("ada@example.org", "bob@example.org")]
    known, unknown = [
        (answer.status_code, answer.headers.get("Location"), _without_what_differs(answer)) for answer in answers
    ]
    assert known == unknown


def _without_what_differs(answer: Any) -> str:
    lines = answer.content.decode().replace("ada@", "bob@").splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line)


def test_the_mailbox_says_what_the_page_does_not() -> None:
    customer("ada@example.org")
    for email in ("ada@example.org", "bob@example.org"):
        Client().post("/account/signup/", {"email": email, "password1": PASSWORD})
        Client().post("/account/password/reset/", {"email": email})
    subjects = [(mail.to[:3], mail.subject) for mail in Mail.objects.order_by("pk")]
    assert ("ada", "You have an account already") in subjects
    assert ("ada", "Choose a new password") in subjects
    assert ("bob", "Confirm your address") in subjects
    assert User.objects.filter(email="ada@example.org").count() == 1


def test_each_mail_has_one_button_that_says_what_it_does(client: Client) -> None:
    customer("ada@example.org")
    client.post("/account/signup/", {"email": "bob@example.org", "password1": PASSWORD})
    for email in ("ada@example.org", "eve@example.org"):
        client.post("/account/password/reset/", {"email": email})
    log_in(client)
    change = {"oldpassword": PASSWORD, "password1": "ten green lanterns", "password2": "ten green lanterns"}
    client.post("/account/password/change/", change, headers={"user-agent": "<script>"})
    said = [(mail.subject, re.findall(r">([^<>]+)</a></p>", mail.html)[1:]) for mail in Mail.objects.order_by("pk")]
    assert said == [
        ("Confirm your address", ["Confirm your address"]),
        ("Choose a new password", ["Choose a new password"]),
        ("There is no account with this address", ["Create an account"]),
        ("Your password was changed", ["Choose a new password"]),
    ]
    last = Mail.objects.latest("pk")
    assert ("<script>" in last.text, "<script>" in last.html) == (True, False)


def test_a_forgotten_password_is_replaced_by_the_mailed_link(client: Client) -> None:
    user = customer()
    other = browser_of(user)
    client.post("/account/password/reset/", {"email": user.email})
    form = client.get(mailed_link(), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "ten green lanterns", "password2": "ten green lanterns"})
    assert not is_in(other)
    assert log_in(client, password="ten green lanterns").headers["Location"] == "/account/"


def test_the_link_of_a_forgotten_password_works_once(client: Client) -> None:
    client.post("/account/password/reset/", {"email": customer().email})
    link = mailed_link()
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "ten green lanterns", "password2": "ten green lanterns"})
    assert b"This link is too old" in Client().get(link, follow=True).content


@pytest.mark.parametrize("password", ["short", "elevenchars", "1234567890123", "ada@example.org"])
def test_a_password_that_others_would_guess_is_refused(password: str, client: Client) -> None:
    page = client.post("/account/signup/", NEW | {"password1": password})
    assert page.status_code == 200
    assert "password1" in page.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("path", "fields", "tries"),
    [
        ("/account/login/", {"login": "ada@example.org", "password": "wrong"}, 30),
        ("/account/signup/", {"email": "no address"}, 20),
        ("/account/password/reset/", {"email": "ada@example.org"}, 5),
    ],
)
def test_too_many_tries_are_answered_by_429_in_our_voice(path: str, fields: Any, tries: int, client: Client) -> None:
    answers = [client.post(path, fields).status_code for _ in range(tries)]
    assert 429 not in answers
    last = client.post(path, fields)
    assert last.status_code == 429
    assert b"A moment, please" in last.content


def test_guesses_at_one_account_end_from_wherever_they_come() -> None:
    customer()
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/account/login/", {"login": "ada@example.org", "password": "x"})
    page = log_in(Client(REMOTE_ADDR="192.0.2.9"))
    assert "tried too often" in str(page.context["form"].errors)


@pytest.mark.parametrize(("proxies", "wanted"), [(0, 429), (1, 200)])
def test_who_asks_is_told_by_a_trusted_proxy_alone(proxies: int, wanted: int, client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(20):
        client.post("/account/signup/", {}, headers={"x-forwarded-for": f"192.0.2.{number}"})
    assert client.post("/account/signup/", {}, headers={"x-forwarded-for": "192.0.2.99"}).status_code == wanted


def test_a_customer_goes_on_in_his_language_on_each_device(client: Client) -> None:
    client.cookies[fixed.LANGUAGE_COOKIE_NAME] = "zh-hans"
    client.post("/account/signup/", NEW)
    client.post(mailed_link())
    assert Profile.objects.get().language == "zh-hans"
    other = Client()
    assert log_in(other).cookies[fixed.LANGUAGE_COOKIE_NAME].value == "zh-hans"


def test_orders_placed_as_a_guest_come_along_when_the_address_is_proved(client: Client) -> None:
    Order.objects.filter(pk=(order := placed_order()).pk).update(email="ada@example.org")
    client.post("/account/signup/", NEW)
    order.refresh_from_db()
    assert order.customer == "guest"
    client.post(mailed_link())
    order.refresh_from_db()
    assert order.customer == f"customer:{User.objects.get().pk}"
    assert OrderEvent.objects.filter(order=order, kind="adopted").count() == 1
    assert client.get(f"/orders/{order.number}/").status_code == 200


def test_a_guests_order_of_later_comes_at_the_next_log_in_however_its_address_is_written(client: Client) -> None:
    user = customer()
    order = placed_order()
    order.email = "ADA@Example.org"
    order.save()
    log_in(client)
    log_in(Client())
    assert Order.objects.get(customer=f"customer:{user.pk}") == order
    assert OrderEvent.objects.filter(order=order, kind="adopted").count() == 1


@pytest.mark.databases
@pytest.mark.parametrize("alike", ["ada@exämple.org", "ada@example.örg", "ada@example.org.de"])
def test_an_address_that_only_looks_like_the_orders_brings_nothing(alike: str, client: Client) -> None:
    order = placed_order()
    customer(alike)
    log_in(client, alike)
    order.refresh_from_db()
    assert order.customer == "guest"
    assert not OrderEvent.objects.filter(kind="adopted").exists()


def test_an_order_that_has_a_customer_is_nobody_elses(client: Client) -> None:
    order = order_of(customer("bob@example.org"))
    Order.objects.filter(pk=order.pk).update(email="ada@example.org")
    customer()
    log_in(client)
    assert Order.objects.get().customer == order.customer
    assert client.get(f"/orders/{order.number}/").status_code == 404
