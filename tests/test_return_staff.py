"""Returns in the admin: a list by state, a page that says what to do next, and a page that asks before each deed."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from orders.lifecycle import Actor
from orders.models import Return
from orders.returning import close_return, mark_sent
from tests.returns import approved, asked_for, counted, received_order

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
DEEDS = ["receive", "sent", "close"]


def clerk(*permissions: str) -> Client:
    user = User.objects.create_user("sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff() -> Client:
    return clerk("view_return", "change_return")


def page(asked: Return) -> str:
    return f"/admin/orders/return/{asked.pk}/change/"


def deed(asked: Return, name: str) -> str:
    return f"/admin/orders/return/{asked.pk}/do/{name}/"


def said(answer: Any) -> str:
    return str(answer.content.decode())


def count_of(asked: Return, pieces: int) -> dict[str, Any]:
    key = asked.lines.get().pk
    return {f"pieces-{key}": pieces, f"restock-{key}": "on"}


def test_the_list_is_filtered_by_state_and_says_what_to_do_next(staff: Client) -> None:
    waiting, other = asked_for(received_order()), approved(received_order())
    shown = said(staff.get("/admin/orders/return/?status__exact=requested"))
    assert str(waiting.order) in shown
    assert str(other.order) not in shown
    assert "The customer waits for your answer" in shown


def test_each_state_s_page_offers_what_can_be_done_now(staff: Client) -> None:
    asked = asked_for(received_order())
    offered: list[list[str]] = []

    def look() -> None:
        shown = said(staff.get(page(asked)))
        offered.append([name for name in DEEDS if deed(asked, name) in shown])

    look()
    asked = approved(received_order())
    look()
    mark_sent(asked, Actor.STAFF)
    look()
    counted(asked, 2)
    look()
    assert offered == [[], DEEDS, ["receive", "close"], []]


def test_staff_count_what_came_after_a_page_that_asks(staff: Client) -> None:
    asked = approved(received_order(), 2)
    assert "Count what came back" in said(staff.get(deed(asked, "receive")))
    asked.refresh_from_db()
    assert asked.status == "approved"
    answer = staff.post(deed(asked, "receive"), count_of(asked, 1), follow=True)
    assert "The customer waits for the money" in said(answer)
    asked.refresh_from_db()
    line = asked.lines.get()
    assert (asked.status, line.received, line.restocked) == ("received", 1, True)
    assert asked.order.events.latest("pk").actor == "staff"


@pytest.mark.parametrize("pieces", ["3", "-1", "0", "", "x"])
def test_a_wrong_count_is_asked_again(staff: Client, pieces: Any) -> None:
    asked = approved(received_order(), 2)
    assert "errorlist" in said(staff.post(deed(asked, "receive"), count_of(asked, pieces)))
    asked.refresh_from_db()
    assert asked.status == "approved"


def test_a_deed_that_comes_too_late_is_told_so(staff: Client) -> None:
    asked = approved(received_order(), 2)
    close_return(asked, "nothing came")
    for name, fields in {"receive": count_of(asked, 2), "sent": {}}.items():
        assert "Meanwhile it has gone on" in said(staff.post(deed(asked, name), fields, follow=True))
    asked.refresh_from_db()
    assert asked.status == "cancelled"


def test_a_return_is_closed_with_words_only(staff: Client) -> None:
    asked = approved(received_order(), 2)
    assert "errorlist" in said(staff.post(deed(asked, "close"), {"note": ""}))
    staff.post(deed(asked, "close"), {"note": "Nothing came."})
    asked.refresh_from_db()
    assert (asked.status, asked.note) == ("cancelled", "Nothing came.")


@pytest.mark.parametrize("name", DEEDS)
def test_who_may_only_look_does_nothing(name: str) -> None:
    client, asked = clerk("view_return"), approved(received_order(), 2)
    assert deed(asked, name) not in said(client.get(page(asked)))
    assert client.get(deed(asked, name)).status_code == 403
    assert client.post(deed(asked, name), count_of(asked, 2) | {"note": "x"}).status_code == 403
    asked.refresh_from_db()
    assert asked.status == "approved"


def test_a_deed_that_there_is_not_is_not_found(staff: Client) -> None:
    asked = approved(received_order())
    assert staff.get(deed(asked, "refund-all")).status_code == 404
    assert staff.get(deed(asked, "receive").replace(str(asked.pk), "999999")).status_code == 404
