"""What a customer is told by mail: each step once, in his language, with the sums of the order and a link to it."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client, override_settings

from delivery.models import Shipment
from orders.lifecycle import Actor
from orders.models import Order, OrderLink
from orders.services import cancel_order, expire_order
from queue_table.models import Job
from queue_table.testing import run_due_jobs
from shop.mails.models import Mail
from tests.factories import VariantFactory
from tests.shopping import paid_order, placed_order, sent

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def cancelled() -> Order:
    order = placed_order()
    cancel_order(order, Actor.CUSTOMER)
    return order


def expired() -> Order:
    order = placed_order()
    expire_order(order.pk, order.pay_by)
    return order


STEPS: dict[Callable[[], Order], list[str]] = {
    placed_order: ["We have your order"],
    paid_order: ["We have your order", "is paid", "is on its way"],
    cancelled: ["We have your order", "is cancelled"],
    expired: ["We have your order", "was not paid in time"],
}


@pytest.mark.parametrize("steps", STEPS, ids=lambda steps: steps.__name__)
def test_each_step_is_told_once_with_a_link_that_opens_the_order(steps: Callable[[], Order]) -> None:
    order = steps()
    run_due_jobs()
    run_due_jobs()
    told = {message.subject: message for message in mail.outbox}
    assert len(told) == len(mail.outbox) == len(STEPS[steps])
    for words in STEPS[steps]:
        [subject] = [subject for subject in told if words in subject]
        assert order.number in subject
        [link] = re.findall(r"http://localhost:8000(/orders/link/\S+)", str(told[subject].body))
        html = str(told[subject].alternatives[0][0])
        assert link in html
        assert Client().get(link)["Location"] == f"/orders/{order.number}/"


def test_the_row_of_a_mail_names_the_order_that_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    order = placed_order(customer="customer:7")
    run_due_jobs()
    job = Job.objects.get(kind="mail.written")
    assert (job.order_id, job.user_info) == (order.pk, "customer:7")
    call_command("explain_job", job.pk)
    assert f"about order {order.pk}." in capsys.readouterr().out


def test_the_mail_that_the_parcel_is_on_its_way_has_its_number() -> None:
    order = paid_order()
    run_due_jobs()
    number = Shipment.objects.get(order_id=order.pk).tracking_number
    [told] = [message for message in mail.outbox if "on its way" in message.subject]
    assert number in str(told.body)
    assert number in str(told.alternatives[0][0])


def test_the_sums_of_the_mail_are_the_orders() -> None:
    order = placed_order(variant=VariantFactory(price=Decimal("10.00")), quantity=2)
    Order.objects.update(
        discount="1.50",
        shipping="3.20",
        tax="4.34",
        tax_included=False,
        total=Decimal("26.04"),
        voucher_code="TEA",
        shipping_title="Post",
    )
    run_due_jobs()
    for text in (str(mail.outbox[0].body), str(mail.outbox[0].alternatives[0][0])):
        words = re.sub(r"<[^>]+>|\s+", " ", text)
        amounts = ["£20.00", "£20.00", "−£1.50", "£3.20", "£4.34", "£26.04"]
        assert re.search(".*".join(amounts), words), words
        assert "TEA" in words
        assert "Post" in words
    assert order.number in mail.outbox[0].subject


def test_a_mail_that_is_late_says_how_the_order_stands_now() -> None:
    placed_order()
    run_due_jobs()
    assert "Only the payment of £2.55 is missing" in str(mail.outbox[0].body)
    mail.outbox.clear()
    paid_order()
    run_due_jobs()
    [late] = [message for message in mail.outbox if "We have your order" in message.subject]
    assert "is missing" not in str(late.body)


@override_settings(PAYMENT_GATEWAY="manual", PAYMENT_INSTRUCTIONS="Transfer it to account 12 & 34.")
def test_who_pays_by_transfer_is_told_how() -> None:
    order = placed_order()
    run_due_jobs()
    assert "Transfer it to account 12 & 34." in str(mail.outbox[0].body)
    assert "Transfer it to account 12 &amp; 34." in str(mail.outbox[0].alternatives[0][0])
    assert f"Please name order {order.number}" in str(mail.outbox[0].body)


def test_a_name_is_a_name_in_plain_text_and_no_markup_in_html() -> None:
    placed_order()
    Order.objects.update(name="<b>Ada</b> & Sons", address="{{ 7|add:7 }}\n😀 محمد")
    run_due_jobs()
    body, html = str(mail.outbox[0].body), str(mail.outbox[0].alternatives[0][0])
    assert "<b>Ada</b> & Sons" in body
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Sons" in html
    assert "{{ 7|add:7 }}" in body
    assert "😀 محمد" in html


def test_addresses_that_can_not_exist_are_not_written_to() -> None:
    placed_order()
    Order.objects.update(email="customer-17@example.invalid")
    run_due_jobs()
    assert (Mail.objects.count(), OrderLink.objects.count()) == (0, 0)
    assert sent("order.placed") == 1


def test_no_row_of_the_queue_holds_an_address_or_a_token() -> None:
    paid_order()
    run_due_jobs()
    tokens = re.findall(r"/orders/link/([\w-]+)/", " ".join(Mail.objects.values_list("text", flat=True)))
    assert len(set(tokens)) == 3
    rows = " ".join(str(row) for row in Job.objects.values())
    assert "ada@example.org" not in rows
    assert not [token for token in tokens if token in rows]
