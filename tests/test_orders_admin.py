"""What staff do with an order by hand: money that came, early or late, and a cancelled promise."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from orders.lifecycle import PaymentStatus
from orders.models import Order
from orders.services import expire_order
from tests.factories import VariantFactory
from tests.shopping import paid_order, placed_order, run_queue, sent, status, written

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


@pytest.fixture
def staff(client: Client) -> Client:
    user = User.objects.create_user("sam", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "change_order"]))
    client.force_login(user)
    return client


def act(client: Client, action: str, order: Order, **fields: str) -> str:
    """Presses the action on the list, and reads the messages on the next page."""
    chosen = {"action": action, "_selected_action": [order.pk], **fields}
    page = client.post(reverse("admin:orders_order_changelist"), chosen, follow=True)
    return " ".join(str(message) for message in page.context["messages"])


@override_settings(PAYMENT_GATEWAY="manual")
def test_a_transfer_that_came_confirms_the_order(staff: Client) -> None:
    order = placed_order()
    act(staff, "money_came", order)
    assert (status(order), order.events.latest("pk").actor) == ("confirmed", "staff")
    assert sent("order.confirmed") == 1


@override_settings(PAYMENT_GATEWAY="manual")
def test_a_transfer_that_came_late_is_recorded_and_finds_its_goods_again(staff: Client) -> None:
    order = placed_order()
    expire_order(order.pk, order.pay_by)
    act(staff, "money_came", order)
    assert order.payments.get().status == PaymentStatus.PAID
    assert (written(order)[-1], sent("payment.late"), sent("order.confirmed")) == ("payment_late", 1, 0)
    run_queue()
    assert status(order) == "confirmed"


def test_staff_cancel_what_is_not_sent_and_say_why(staff: Client) -> None:
    unpaid, paid, sent_off = placed_order(), paid_order(), paid_order()
    assert "Say the reason" in act(staff, "cancel", unpaid, reason=" ")
    assert status(unpaid) == "pending"
    for order in (unpaid, paid):
        act(staff, "cancel", order, reason="Damaged in the store.")
        event = order.events.get(kind="cancelled")
        assert (event.to_status, event.note) == ("cancelled", "Damaged in the store.")
    run_queue()
    assert "can't be called back" in act(staff, "cancel", sent_off, reason="Too late.")
    assert (status(unpaid), status(paid), status(sent_off)) == ("cancelled", "cancelled", "confirmed")


def test_who_may_only_look_does_nothing(client: Client) -> None:
    user = User.objects.create_user("lou", password="not-used-here", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(user)
    order = placed_order(now=timezone.now())
    for action in ("money_came", "cancel"):
        act(client, action, order, reason="I wish.")
    assert status(order) == "pending"


def test_money_for_an_order_that_costs_nothing_is_refused_in_words(staff: Client) -> None:
    order = placed_order(variant=VariantFactory(price=Decimal(0)))
    assert "costs nothing: no money is awaited" in act(staff, "money_came", order)
