"""The page that says whether all is well, the job that looks each night, and the mail when something is not."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from queue_table.models import Job
from shop.mails.models import Mail
from shop.ops.models import InvariantCheck
from shop.ops.tasks import check_invariants
from tests.shopping import placed_order, run_queue

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
PAGE, RUN = "admin:ops_invariantcheck_changelist", "admin:ops_invariantcheck_run"


@pytest.fixture(autouse=True)
def _staff_to_tell(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ADMINS = [("developers", "dev@shop.example"), ("developers", "ops@shop.example")]
    settings.QUEUE_DUTIES = {}
    monkeypatch.setattr("shop.ops.invariants.checking.SECOND_LOOK_AFTER", 0.0)


def staff(*permissions: str) -> Client:
    user = User.objects.create_user(f"sam{User.objects.count()}", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def look() -> InvariantCheck:
    check_invariants.enqueue()
    run_queue()
    return InvariantCheck.objects.latest("pk")


def break_one(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status="completed")


def told() -> list[str]:
    return list(Mail.objects.filter(to__endswith="@shop.example").order_by("pk").values_list("to", flat=True))


def test_staff_press_the_button_and_read_the_result() -> None:
    client, order = staff("view_invariantcheck", "add_invariantcheck"), placed_order()
    assert "Nothing was checked yet" in client.get(reverse(PAGE)).content.decode()
    assert "A check is under way" in client.post(reverse(RUN), follow=True).content.decode()
    client.post(reverse(RUN))
    assert Job.objects.filter(task=check_invariants.module_path).count() in {
        1,
        2,
    }  # two over the turn of a minute
    run_queue()
    page = client.get(reverse(PAGE)).content.decode()
    assert "all is well" in page
    assert "A check is under way" not in page
    break_one(order)
    check = look()
    page = client.get(reverse(PAGE)).content.decode()
    assert "something is broken" in page
    assert f"Order {order.number} is completed, and its log says pending." in page
    first = InvariantCheck.objects.earliest("pk")
    assert "something is broken" not in client.get(reverse(f"{PAGE[:-10]}change", args=[first.pk])).content.decode()
    assert check.pk != first.pk


def test_who_may_only_look_can_not_run_it_and_a_get_runs_nothing() -> None:
    looker, stranger = staff("view_invariantcheck"), staff()
    assert looker.get(reverse(PAGE)).status_code == 200
    assert "Check now" not in looker.get(reverse(PAGE)).content.decode()
    assert looker.post(reverse(RUN)).status_code == 403
    assert (stranger.get(reverse(PAGE)).status_code, stranger.post(reverse(RUN)).status_code) == (403, 403)
    assert staff("view_invariantcheck", "add_invariantcheck").get(reverse(RUN)).status_code == 405
    assert not Job.objects.exists()


@pytest.mark.parametrize("odd", ["0", "99999999999999999999", "abc", "１"])
def test_a_check_that_is_not_there_is_not_found(odd: str) -> None:
    client = staff("view_invariantcheck")
    assert client.get(f"/admin/ops/invariantcheck/{odd}/change/").status_code == 404


def test_staff_hear_once_of_what_is_broken_and_again_when_it_changes() -> None:
    orders = [placed_order() for _ in range(3)]
    look()
    assert told() == []
    break_one(orders[0])
    look()
    look()
    assert told() == ["dev@shop.example", "ops@shop.example"]
    text = Mail.objects.filter(to="dev@shop.example").get().text
    assert f"Order {orders[0].number} is completed" in text
    assert f"/admin/ops/invariantcheck/{InvariantCheck.objects.order_by('pk')[1].pk}/change/" in text
    assert "What to do: " in text
    break_one(orders[1])
    look()
    assert len(told()) == 4
    Order.objects.update(status="pending")
    look()
    assert len(told()) == 4
    break_one(orders[0])
    look()
    assert len(told()) == 6


def test_no_personal_data_lies_in_the_result() -> None:
    break_one(placed_order())
    assert "Ada" not in str(look().result)
    assert "ada@" not in str(look().result)


def test_the_oldest_checks_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InvariantCheck, "KEPT", 3)
    keys = [look().pk for _ in range(5)]
    assert list(InvariantCheck.objects.order_by("pk").values_list("pk", flat=True)) == keys[2:]


def test_the_shop_looks_by_itself_each_night(settings: Any) -> None:
    settings.QUEUE_DUTIES = {"shop.ops.tasks.check_invariants": "03:30"}
    call_command("process_order_queue", processes=0, verbosity=0)
    assert InvariantCheck.objects.get().checked_at <= timezone.now()


# The order's own page.


def test_the_order_s_page_tells_its_log_as_a_story() -> None:
    client, order = staff("view_order", "change_order"), placed_order()
    chosen = {"action": "cancel", "_selected_action": [order.pk], "reason": "The mug broke."}
    client.post(reverse("admin:orders_order_changelist"), chosen, REMOTE_ADDR="203.0.113.7")
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    story = page[page.index('class="module order-log"') :]
    parts = [
        "Order placed",
        "awaiting payment",
        "customer",
        "Payment started",
        "Cancelled",
        "awaiting payment → cancelled",
    ]
    places = [story.index(part) for part in [*parts, "staff sam0, from 203.0.113.7"]]
    assert places == sorted(places)
    assert "can't be trusted" not in page


def test_the_order_s_page_warns_of_a_torn_log() -> None:
    order = placed_order()
    order.events.filter(position=2)._raw_delete("default")
    page = staff("view_order").get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "The log of this order can't be trusted." in page
    assert "The log is missing its end: it had 2 rows." in page
