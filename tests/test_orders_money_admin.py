"""Money in the admin: what is left to pay back, what is held and why, and what the gateways said."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order, Payment, PaymentCallback, Refund
from orders.paying import record_payment
from orders.payments.sandbox import write_notice
from orders.refunding import start_refund
from queue_table.models import Job
from queue_table.testing import run_due_jobs
from tests.shopping import call_back, heard, notice_for, paid_order, placed_order, status, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    user = User.objects.create_user("sam", password="not-used-here", is_staff=True)
    names = ["view_order", "change_order", "view_payment", "view_refund", "add_refund", "view_paymentcallback"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names, content_type__app_label="orders"))
    client.force_login(user)
    return client


def act(client: Client, model: str, action: str, row: Any) -> str:
    chosen = {"action": action, "_selected_action": [row.pk]}
    page = client.post(reverse(f"admin:orders_{model}_changelist"), chosen, follow=True)
    assert page.status_code == 200
    return " ".join(str(message) for message in page.context["messages"])


def sent_order(quantity: int = 3) -> Order:
    order = paid_order(quantity=quantity)
    run_due_jobs()
    return order


def form_of(order: Order) -> str:
    return reverse("admin:orders_order_refund", args=[order.pk])


def test_a_refund_takes_two_steps_and_says_what_it_comes_to(staff: Client) -> None:
    order = sent_order()
    line = order.lines.get()
    page = staff.get(form_of(order)).content.decode()
    assert "Of £7.65 that came, £7.65 can be paid back." in page
    assert form_of(order) in staff.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    said = {f"line-{line.pk}": 2, "restock": "on", "reason": "returned", "note": "both are whole"}
    sure = staff.post(form_of(order), said).content.decode()
    assert "Pay back £5.10 for order" in sure
    assert not Refund.objects.exists()
    staff.post(form_of(order), said | {"confirm": "yes"})
    refund = Refund.objects.get()
    assert (refund.amount, refund.restock, refund.actor) == (Decimal("5.10"), True, "staff")
    assert refund.note == "both are whole"
    run_due_jobs()
    assert order.payments.get().status == PaymentStatus.PARTIALLY_REFUNDED
    assert "£2.55 can be paid back" in staff.get(form_of(order)).content.decode()


def test_what_is_not_left_can_not_be_chosen(staff: Client) -> None:
    order = sent_order()
    line = f"line-{order.lines.get().pk}"
    for said in ({line: 4}, {line: -1}, {line: "x"}, {"amount": "7.66"}, {"amount": "-1"}, {"amount": "NaN"}, {}):
        page = staff.post(form_of(order), said | {"reason": "goodwill", "confirm": "yes"})
        assert page.status_code == 200
        assert "errorlist" in page.content.decode(), said
    assert not Refund.objects.exists()


def test_goodwill_is_a_sum_of_its_own(staff: Client) -> None:
    order = sent_order()
    staff.post(form_of(order), {"amount": "1.00", "reason": "goodwill", "confirm": "yes"})
    assert Refund.objects.get().amount == Decimal("1.00")


def test_who_may_not_refund_sees_no_form_and_does_nothing(client: Client) -> None:
    user = User.objects.create_user("lou", password="not-used-here", is_staff=True)
    codes = ["view_order", "view_refund", "view_payment", "view_paymentcallback"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes, content_type__app_label="orders"))
    client.force_login(user)
    order = sent_order()
    assert client.get(form_of(order)).status_code == 403
    assert client.post(form_of(order), {"amount": "1", "reason": "goodwill", "confirm": "1"}).status_code == 403
    act(client, "payment", "give_back", order.payments.get())
    assert not Refund.objects.exists()
    assert "Refund…" not in client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


def test_money_that_does_not_fit_is_found_explained_and_given_back(staff: Client) -> None:
    order = placed_order()
    record_payment(notice_for(order.payments.get(), amount=Decimal("9.00"), transaction="t"), Actor.PROVIDER)
    payment = order.payments.get()
    listed = staff.get(reverse("admin:orders_payment_changelist"), {"held": "yes"}).content.decode()
    assert order.number in listed
    page = staff.get(reverse("admin:orders_payment_change", args=[payment.pk])).content.decode()
    assert "9.00 GBP came" in page
    assert "Then give the money back" in page
    act(staff, "payment", "give_back", payment)
    run_due_jobs()
    payment.refresh_from_db()
    assert (payment.status, payment.refunded, payment.held) == ("refunded", Decimal("9.00"), "")
    assert Refund.objects.get().reason == "misfit"


def test_money_in_another_currency_is_dealt_with_at_the_gateway_and_said_so(staff: Client) -> None:
    order = placed_order()
    record_payment(notice_for(order.payments.get(), currency="JPY"), Actor.PROVIDER)
    payment = order.payments.get()
    assert payment.left == 0
    for words in ("dealt with", "is not held"):
        assert words in act(staff, "payment", "dealt_with", payment)
    assert written(order)[-1] == "payment_settled"
    assert Payment.objects.get().held == ""


def test_a_transfer_that_staff_sent_back_is_done(staff: Client) -> None:
    order = sent_order()
    order.payments.update(gateway="manual")
    refund = start_refund(order.pk, reason=Refund.Reason.GOODWILL, actor=Actor.STAFF)
    run_due_jobs()
    assert "paid back" in act(staff, "refund", "done_by_hand", refund)
    refund.refresh_from_db()
    assert (refund.status, order.events.latest("pk").actor) == ("done", "staff")


def test_a_refund_at_a_gateway_is_not_for_staff_to_call_done(staff: Client) -> None:
    order = sent_order()
    refund = start_refund(order.pk, reason=Refund.Reason.GOODWILL, actor=Actor.STAFF)
    assert "is not for staff" in act(staff, "refund", "done_by_hand", refund)
    Job.objects.filter(kind="refund.requested").delete()  # its jobs have all failed
    act(staff, "refund", "try_again", refund)
    run_due_jobs()
    refund.refresh_from_db()
    assert refund.status == "done"


def test_a_callback_is_read_word_for_word_and_applied_again(staff: Client) -> None:
    order = placed_order()
    header, body = write_notice(notice_for(order.payments.get()), "evt_1")
    assert call_back(header, body) == 200
    kept = PaymentCallback.objects.get()
    Job.objects.all().delete()
    page = staff.get(reverse("admin:orders_paymentcallback_change", args=[kept.pk])).content.decode()
    assert "evt_1" in page
    assert order.payments.get().reference in page
    act(staff, "paymentcallback", "apply_again", kept)
    run_due_jobs()
    kept.refresh_from_db()
    assert (status(order), kept.status) == ("confirmed", "applied")


def test_a_known_event_with_another_body_is_kept_for_staff_and_not_applied(staff: Client) -> None:
    order = placed_order()
    payment = order.payments.get()
    heard(*write_notice(notice_for(payment, PaymentStatus.FAILED), "evt_1"))
    for _ in range(3):
        heard(*write_notice(notice_for(payment), "evt_1"))
    assert status(order) == "pending"
    assert list(PaymentCallback.objects.order_by("pk").values_list("status", flat=True)) == ["applied", "held"]
    held = staff.get(reverse("admin:orders_paymentcallback_changelist"), {"status__exact": "held"}).content.decode()
    assert "a known event with another body" in held
