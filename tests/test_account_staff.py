"""Staff enter the admin by the shop's log-in, and in production with a second factor."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.models import User
from django.test import Client

from tests.customers import PASSWORD, browser_of, customer, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    """As `manage.py createsuperuser` leaves him: nobody has proved his address."""
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def set_up(client: Client, password: str = PASSWORD) -> str:
    """Sets up an app as second factor, through the pages; its secret."""
    client.post("/account/reauthenticate/", {"password": password})
    secret: str = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_for(secret)})
    return secret


def test_the_admin_sends_to_the_shops_log_in_and_back(client: Client, root: User) -> None:
    door = client.get("/admin/", follow=True)
    assert door.request["PATH_INFO"] == "/account/login/"
    assert log_in(client, root.email, next="/admin/").headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_admins_own_form_is_gone_even_for_staff(root: User) -> None:
    """It would ask a member of staff for another's password, and not for his second factor."""
    clerk = customer("clerk@example.org", is_staff=True)
    client = browser_of(clerk)
    client.post("/admin/login/", {"username": "root", "password": PASSWORD})
    client.post("/admin/login/", {"username": root.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(clerk.pk)


def test_a_customer_is_told_that_the_admin_is_not_for_him() -> None:
    assert browser_of(customer()).get("/admin/", follow=True).status_code == 403


def test_who_is_made_staff_needs_no_link_for_his_first_log_in(client: Client, root: User) -> None:
    log_in(client, root.email)
    assert client.get("/account/").status_code == 200


def test_staff_whose_address_was_changed_in_the_admin_still_gets_in(client: Client, root: User) -> None:
    log_in(client, root.email)
    User.objects.filter(pk=root.pk).update(email="moved@example.org")
    again = Client()
    log_in(again, "moved@example.org")
    assert again.get("/admin/").status_code == 200
    assert EmailAddress.objects.filter(user=root, primary=True).count() == 1


def test_staff_does_not_take_over_an_address_that_a_customer_has_proved(client: Client, root: User) -> None:
    EmailAddress.objects.create(user=customer("bob@example.org"), email=root.email, verified=True)
    log_in(client, root.email)
    assert not EmailAddress.objects.filter(user=root, verified=True).exists()


def test_in_production_staff_is_led_to_a_second_factor_first(client: Client, root: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    log_in(client, root.email)
    led = client.get("/admin/", follow=True)
    assert led.redirect_chain[-1][0] == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"
    assert "Staff need a second factor" in led.content.decode()
    set_up(client)
    assert client.get("/admin/").status_code == 200


def test_a_second_factor_is_asked_for_at_each_log_in(client: Client, root: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    log_in(client, root.email)
    secret = set_up(client)
    other = Client()
    assert log_in(other, root.email).headers["Location"] == "/account/2fa/authenticate/"
    assert other.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
    assert other.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    counter = next(yield_hotp_counters_from_time())
    other.post("/account/2fa/authenticate/", {"code": format_hotp_value(hotp_value(secret, counter + 1))})
    assert other.get("/admin/").status_code == 200


def test_a_recovery_code_opens_once(client: Client, root: User) -> None:
    log_in(client, root.email)
    set_up(client)
    page = client.get("/account/2fa/recovery-codes/").content.decode()
    code = re.findall(r"<code>(\w+)</code>", page)[0]
    for times, wanted in ((1, 302), (2, 200)):
        other = Client()
        log_in(other, root.email)
        assert other.post("/account/2fa/authenticate/", {"code": code}).status_code == wanted, times


def test_switching_it_off_asks_who_one_is_again(client: Client, root: User) -> None:
    log_in(client, root.email)
    set_up(client)
    later = browser_of(root)
    assert later.post("/account/2fa/totp/deactivate/").headers["Location"].startswith("/account/reauthenticate/")


def test_the_admin_shows_no_secret_of_a_second_factor_and_can_remove_it(root: User) -> None:
    kept = Authenticator.objects.create(user=customer(), type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    client = browser_of(root)
    page = client.get(f"/admin/mfa/authenticator/{kept.pk}/change/")
    assert (page.status_code, b"JBSWY3DPEHPK3PXP" in page.content) == (200, False)
    client.post(f"/admin/mfa/authenticator/{kept.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()
