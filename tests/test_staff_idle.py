"""A staff session that nobody uses ends; a shopper's stays, and costs no write."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from tests.customers import PASSWORD, browser_of, customer, log_in

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


def after(minutes: int) -> Any:
    return travel(NINE + timedelta(minutes=minutes), tick=False)


def test_a_staff_session_ends_an_hour_after_its_last_page(clerk: User) -> None:
    client = Client()
    with after(0):
        log_in(client, clerk.email)
    with after(59):
        assert client.get("/admin/").status_code == 200
    with after(118):
        assert client.get("/admin/").status_code == 200
    with after(179):
        led = client.get("/admin/", follow=True)
    assert led.request["PATH_INFO"] == "/account/login/"
    assert "You were away for a while" in led.content.decode()
    assert client.get("/account/").status_code == 302


def test_a_session_that_was_never_used_after_its_log_in_ends_as_well(clerk: User) -> None:
    client = Client()
    with after(0):
        log_in(client, clerk.email)
    with after(61):
        assert client.get("/admin/").status_code == 302


def test_how_long_is_a_setting(clerk: User, settings: Any) -> None:
    settings.STAFF_IDLE_MINUTES = 5
    client = Client()
    with after(0):
        log_in(client, clerk.email)
    with after(6):
        assert client.get("/admin/").status_code == 302


def test_what_an_idle_member_of_staff_sends_is_not_done(clerk: User) -> None:
    client = Client()
    with after(0):
        log_in(client, clerk.email)
    with after(61):
        client.post(f"/admin/auth/user/{customer().pk}/delete/", {"post": "yes"})
    assert User.objects.count() == 2


def test_a_customer_stays_logged_in_and_his_pages_write_nothing() -> None:
    with after(0):
        client = browser_of(customer())
        client.get("/")
    before = Session.objects.get().session_data
    with (
        after(60 * 24 * 20),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        assert client.get("/account/").status_code == 200
        client.get("/")
    assert not [query["sql"] for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert Session.objects.get().session_data == before
