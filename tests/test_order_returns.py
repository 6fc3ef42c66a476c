"""Returns: asked for by the customer, never more than was bought, answered by staff, each move with its log row."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client
from django.utils import timezone

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order, OrderLine, Return, ReturnLine
from orders.returning import answer_return, request_return, withdraw_return
from orders.services import complete_order
from queue_table.testing import run_due_jobs
from tests.at_once import at_once
from tests.shopping import holder_of, paid_order, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def received(quantity: int = 3) -> Order:
    order = paid_order(quantity=quantity)
    complete_order(order.pk, Actor.CUSTOMER)
    order.refresh_from_db()
    return order


def ask(order: Order, pieces: Any = 1, client: Client | None = None, **more: Any) -> Any:
    """Sends the form for so many pieces of the order's one line."""
    fields = {f"line-{order.lines.get().pk}": pieces, "reason": "broken", "words": "The handle is off."}
    return (client or holder_of(order)).post(f"/orders/{order.number}/return/", fields | more)


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_customer_asks_sees_the_state_and_withdraws() -> None:
    order = received()
    client = holder_of(order)
    page = said(client.get(f"/orders/{order.number}/"))
    assert f"/orders/{order.number}/return/" in page
    assert ask(order, 2, client)["Location"] == f"/orders/{order.number}/"
    asked = Return.objects.get()
    assert (asked.order, asked.status, asked.reason, asked.words) == (
        order,
        "requested",
        "broken",
        "The handle is off.",
    )
    assert [(one.line, one.quantity) for one in asked.lines.all()] == [(order.lines.get(), 2)]
    assert "Return: asked for" in said(client.get(f"/orders/{order.number}/"))
    client.post(f"/orders/{order.number}/return/{asked.pk}/withdraw/")
    assert "Return: withdrawn" in said(client.get(f"/orders/{order.number}/"))
    assert written(order)[-2:] == ["return_requested", "return_cancelled"]
    assert order.events.latest("pk").actor == Actor.CUSTOMER


@pytest.mark.parametrize("pieces", ["0", "-1", "4", "1000000000", "1e9", "many", "", "9" * 5000, "\x00", "1.5", "NaN"])
def test_a_number_that_can_not_be_is_asked_again_and_nothing_is_lost(pieces: str) -> None:
    order = received()
    answer = ask(order, pieces)
    assert answer.status_code == 200
    assert "The handle is off." in said(answer)
    assert ("errorlist" in said(answer)) or ("Nothing is chosen yet" in said(answer))
    assert not Return.objects.exists()


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"reason": "magic"}, {"words": "x" * 1001}, {"words": "\x00"}])
def test_an_odd_reason_is_asked_again(wrong: dict[str, str]) -> None:
    order = received()
    assert ask(order, 1, **wrong).status_code == 200
    assert not Return.objects.exists()


def test_never_more_is_asked_than_was_bought() -> None:
    order = received(3)
    ask(order, 2)
    answer_return(Return.objects.get(), ReturnStatus.APPROVED, Actor.STAFF)
    assert "at most" in said(ask(order, 2))
    assert ask(order, 1).status_code == 302
    answer_return(Return.objects.latest("pk"), ReturnStatus.REJECTED, Actor.STAFF, "worn")
    assert ask(order, 1).status_code == 302  # what was refused may be asked again
    answer_return(Return.objects.latest("pk"), ReturnStatus.APPROVED, Actor.STAFF)
    assert "nothing more to ask back" in said(holder_of(order).get(f"/orders/{order.number}/return/", follow=True))


def test_other_peoples_lines_and_returns_are_out_of_reach() -> None:
    own, other = received(), received()
    theirs = f"line-{other.lines.get().pk}"
    answer = holder_of(own).post(f"/orders/{own.number}/return/", {theirs: "1", "reason": "broken"})
    assert "Nothing is chosen yet" in said(answer)
    assert not Return.objects.exists()
    ask(other)
    asked = Return.objects.get()
    for pk in (asked.pk, asked.pk + 1, 10**30):
        assert holder_of(own).post(f"/orders/{own.number}/return/{pk}/withdraw/").status_code == 404
        assert Client().post(f"/orders/{other.number}/return/{pk}/withdraw/").status_code == 404
    asked.refresh_from_db()
    assert asked.status == "requested"


def test_what_is_not_received_yet_can_not_be_returned() -> None:
    order = paid_order()
    client = holder_of(order)
    assert client.get(f"/orders/{order.number}/return/").status_code == 302
    assert ask(order, 1).status_code == 302
    assert not Return.objects.exists()
    assert f"/orders/{order.number}/return/" not in said(client.get(f"/orders/{order.number}/"))


def test_after_the_days_of_return_the_page_says_kindly_whom_to_ask() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=15), tick=False):
        order = received()
    for answer in (ask(order), holder_of(order).get(f"/orders/{order.number}/withdrawal/")):
        assert answer.status_code == 200
        assert "The time to send it back is over" in said(answer)
        assert "mailto:shop@localhost" in said(answer)
    assert f"/orders/{order.number}/return/" not in said(holder_of(order).get(f"/orders/{order.number}/"))
    with pytest.raises(IllegalMove):
        request_return(order.pk, {order.lines.get().pk: 1}, reason="broken", words="", now=timezone.now())
    assert not Return.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_give_one_return() -> None:
    for _ in range(5):
        order = received(3)
        answers = at_once(*[partial(ask, order, 1)] * 3)
        assert {getattr(answer, "status_code", answer) for answer in answers} == {302}
        assert order.returns.count() == 1
        assert ReturnLine.objects.filter(parent__order=order).count() == 1
        assert written(order).count("return_requested") == 1


@pytest.mark.django_db(transaction=True)
def test_of_reject_and_approve_at_once_one_wins_and_keeping_the_goods_is_always_said_in_order() -> None:
    for _ in range(5):
        order = received(1)
        line = OrderLine.objects.get(order=order)
        asked = request_return(order.pk, {line.pk: 1}, reason="broken", words="", now=timezone.now())
        answers = [
            partial(answer_return, asked, target, Actor.STAFF)
            for target in (ReturnStatus.APPROVED, ReturnStatus.REJECTED)
        ]
        said_so = at_once(partial(withdraw_return, asked), *answers)
        assert {type(word) for word in said_so} <= {bool, IllegalMove}, said_so
        course = written(order)[written(order).index("return_requested") + 1 :]
        assert course in (
            ["return_cancelled"],
            ["return_approved", "return_cancelled"],
            ["return_approved"],
            ["return_rejected"],
        )
        asked.refresh_from_db()
        assert course[-1] == f"return_{asked.status}"


def test_a_withdrawal_that_comes_too_late_is_told_so() -> None:
    order = received()
    ask(order)
    asked = Return.objects.get()
    answer_return(asked, ReturnStatus.APPROVED, Actor.STAFF, "Send it to Lamp Street.")
    holder_of(order).post(f"/orders/{order.number}/return/{asked.pk}/sent/", {"tracking_number": "RM 12"})
    page = said(holder_of(order).post(f"/orders/{order.number}/return/{asked.pk}/withdraw/", follow=True))
    assert "Meanwhile your return has gone on" in page
    assert "Send it to Lamp Street." in page
    assert "Return: on its way back" in page


@pytest.fixture
def staff(client: Client) -> Client:
    user = User.objects.create_user("sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_return", "change_return"]))
    client.force_login(user)
    return client


def answer(client: Client, asked: Return, word: str, note: str = "") -> Any:
    fields = {"answer": word, "note": note, "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}
    return client.post(f"/admin/orders/return/{asked.pk}/change/", fields)


def test_staff_approve_with_a_note_and_the_customer_hears_of_it(staff: Client) -> None:
    order = received()
    ask(order)
    asked = Return.objects.get()
    assert staff.get(f"/admin/orders/return/{asked.pk}/change/").status_code == 200
    assert answer(staff, asked, "approved", "To 1 Lamp Street, please.").status_code == 302
    asked.refresh_from_db()
    assert (asked.status, asked.note) == ("approved", "To 1 Lamp Street, please.")
    event = order.events.latest("pk")
    assert (event.kind, event.actor, event.note) == ("return_approved", "staff", "To 1 Lamp Street, please.")
    mail.outbox.clear()
    run_due_jobs()
    [told] = [message for message in mail.outbox if "return" in message.subject]
    assert "To 1 Lamp Street, please." in str(told.body)
    assert staff.get(f"/admin/orders/return/{asked.pk}/change/").status_code == 200


def test_staff_say_why_not(staff: Client) -> None:
    ask(received())
    asked = Return.objects.get()
    assert "Say why" in said(answer(staff, asked, "rejected"))
    for word in ("", "refunded", "cancelled"):
        assert answer(staff, asked, word, "x").status_code == 200
    asked.refresh_from_db()
    assert asked.status == "requested"
    assert answer(staff, asked, "rejected", "It was worn.").status_code == 302


def test_an_answer_to_what_was_withdrawn_changes_nothing(staff: Client) -> None:
    order = received()
    ask(order)
    asked = Return.objects.get()
    withdraw_return(asked)
    assert "withdrawn or answered meanwhile" in said(answer(staff, asked, "approved"))
    assert written(order)[-1] == "return_cancelled"


def test_who_may_only_look_answers_nothing(client: Client) -> None:
    user = User.objects.create_user("lou", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_return"))
    client.force_login(user)
    ask(received())
    asked = Return.objects.get()
    assert answer(client, asked, "approved").status_code == 403
    asked.refresh_from_db()
    assert asked.status == "requested"
