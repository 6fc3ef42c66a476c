"""The money for a return: for what came, once, by the door of all refunds; then the receipt is awaited no more."""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from delivery.models import Shipment
from orders.exceptions import IllegalMove
from orders.lifecycle import Actor
from orders.models import Order, Refund, Return
from orders.refunding import start_refund
from orders.return_refunds import refund_return
from orders.returning import withdraw_purchase
from queue_table import clock
from queue_table.testing import run_due_jobs
from shop.catalogue.models import StockMovement
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.page_forms import as_shown
from tests.returns import approved, counted
from tests.shopping import paid_order, placed_order, status, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def shipped() -> Order:
    order = paid_order(quantity=3)
    run_due_jobs()
    order.refresh_from_db()
    return order


def back(pieces: int = 2, came: int = 2) -> Return:
    asked = approved(shipped(), pieces)
    counted(asked, came)
    return asked


def test_what_came_is_paid_back_and_the_order_is_closed() -> None:
    asked = back(2, 1)
    assert refund_return(asked, Actor.STAFF, shipping=False)
    refund = Refund.objects.get()
    line = asked.order.lines.get()
    assert (refund.amount, refund.reason) == (line.unit_price, "returned")
    run_due_jobs()
    asked.refresh_from_db()
    refund.refresh_from_db()
    assert (asked.status, refund.status) == ("refunded", "done")
    assert Shipment.objects.get().receipt_status == "auto_confirmed"
    assert status(asked.order) == "completed"
    assert {"refund_started", "return_refunded", "refunded"} <= set(written(asked.order))
    event = asked.order.events.get(kind="return_refunded")
    assert (event.subject, event.from_status, event.to_status) == (f"return:{asked.pk}", "received", "refunded")
    [movement] = StockMovement.objects.filter(kind="returned")
    assert (movement.quantity, movement.reference) == (1, f"return:{asked.pk}")


def test_a_return_of_goods_that_cost_nothing_ends_without_money() -> None:
    order = placed_order(variant=VariantFactory(price=0), quantity=3)
    run_due_jobs()
    asked = approved(order, 2)
    counted(asked, 2)
    assert refund_return(asked, Actor.STAFF, shipping=True)
    run_due_jobs()
    asked.refresh_from_db()
    assert (asked.status, status(order)) == ("refunded", "completed")
    assert not Refund.objects.exists()


def test_a_return_that_is_not_back_is_not_paid() -> None:
    asked = approved(shipped())
    with pytest.raises(IllegalMove):
        refund_return(asked, Actor.STAFF, shipping=False)
    assert not Refund.objects.exists()


def test_pieces_that_were_paid_back_before_are_not_paid_again() -> None:
    asked = back(2, 2)
    lines = {asked.order.lines.get().pk: 3}
    start_refund(asked.order_id, reason=Refund.Reason.GOODWILL, actor=Actor.STAFF, lines=lines)
    with pytest.raises(IllegalMove):
        refund_return(asked, Actor.STAFF, shipping=False)
    asked.refresh_from_db()
    assert asked.status == "received"
    assert Refund.objects.count() == 1


def test_staff_are_told_of_pieces_that_were_paid_back_before(admin_client: Client) -> None:
    asked = back(2, 2)
    lines = {asked.order.lines.get().pk: 3}
    start_refund(asked.order_id, reason=Refund.Reason.GOODWILL, actor=Actor.STAFF, lines=lines)
    path = f"/admin/orders/return/{asked.pk}/do/refund/"
    answer = admin_client.post(path, fields(admin_client.get(path)))
    assert "Pieces of it were paid back already" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.status == "received"


@pytest.mark.django_db(transaction=True)
def test_paid_back_twice_at_once_is_paid_back_once() -> None:
    for _ in range(5):
        asked = back()
        answers = at_once(*[partial(refund_return, asked, Actor.STAFF, shipping=False) for _ in range(3)])
        assert sorted(answers) == [False, False, True]
        assert Refund.objects.filter(order=asked.order).count() == 1
        assert written(asked.order).count("return_refunded") == 1


def staff_who_may(*deeds: str) -> Client:
    user = User.objects.create_user("sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=deeds))
    staff = Client()
    staff.force_login(user)
    return staff


def test_staff_see_the_sum_before_they_pay() -> None:
    staff = staff_who_may("view_return", "change_return", "add_refund")
    asked = back(2, 2)
    path = f"/admin/orders/return/{asked.pk}/do/refund/"
    assert path in staff.get(f"/admin/orders/return/{asked.pk}/change/").content.decode()
    preview = staff.post(path, fields(staff.get(path)))
    assert "5.10 GBP" in preview.content.decode()
    assert not Refund.objects.exists()
    assert staff.post(path, fields(preview)).status_code == 302
    assert Refund.objects.get().amount == asked.order.lines.get().unit_price * 2


def test_who_may_not_pay_back_counts_goods_and_moves_no_money() -> None:
    staff = staff_who_may("view_return", "change_return")
    asked = back(2, 2)
    path = f"/admin/orders/return/{asked.pk}/do/refund/"
    assert path not in staff.get(f"/admin/orders/return/{asked.pk}/change/").content.decode()
    assert staff.get(path).status_code == 403
    assert staff.post(path, {"seen": "Goes back: 5.10 GBP"}).status_code == 403
    assert not Refund.objects.exists()


def test_who_withdraws_from_everything_is_offered_the_delivery_too() -> None:
    order = shipped()
    asked = withdraw_purchase(order.pk, {order.lines.get().pk: 3}, known=0, now=clock.now())
    counted(asked, 3)
    user = User.objects.create_superuser("sam", "sam@example.org")
    staff = Client()
    staff.force_login(user)
    assert fields(staff.get(f"/admin/orders/return/{asked.pk}/do/refund/"))["shipping"] == "on"


def fields(answer: Any) -> dict[str, str]:
    page = answer.content.decode()
    return as_shown(page[page.index('class="deed-page"') :])
