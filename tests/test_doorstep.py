"""The whole way, as shopper and cron walk it: from the cart to the doorstep, with the queue's real command between."""

import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from delivery.models import Shipment
from delivery.tasks import enqueue_overdue
from orders.models import Order
from queue_table.models import Job
from shop.catalogue.models import Stock
from tests.factories import VariantFactory
from tests.shopping import checkout_fields, run_queue, shopper_with, written

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
WHOLE_LOG = ["placed", "payment_started", "paid", "dispatched", "completed"]


@pytest.fixture
def cron(process_environment: dict[str, str]) -> Any:
    """What stands in the crontab, in a process of its own; it must end well."""
    command = [sys.executable, "manage.py", "process_order_queue"]

    def visit() -> str:
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=process_environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return visit


class Shopper:
    """Follows the pages' own forms and links, and nothing else."""

    def __init__(self, quantities: dict[str, int]) -> None:
        self.client = shopper_with(quantities)

    def orders(self) -> None:
        self.pay_page = self.client.post("/checkout/", checkout_fields(self.client), follow=True)
        assert self.pay_page.status_code == 200
        self.page = self.pay_page.redirect_chain[-1][0].removesuffix("pay/")

    def sees(self) -> str:
        answer = self.client.get(self.page)
        assert answer.status_code == 200
        return answer.content.decode()

    def ends_payment(self, outcome: str) -> None:
        """Goes to the provider's page by the link, and presses one of its buttons."""
        link = re.search(r'href="(/sandbox-pay/[^"]+)"', self.pay_page.content.decode())
        assert link
        provider = Client()  # another site: it knows nothing of the shopper's session
        assert f'value="{outcome}"' in provider.get(link[1]).content.decode()
        back = provider.post(link[1], {"outcome": outcome})
        assert back["Location"] == self.page

    def presses(self, act: str) -> None:
        assert f'action="{self.page}{act}/"' in self.sees(), f"no button for {act}"
        self.pay_page = self.client.post(f"{self.page}{act}/", follow=True)
        assert self.pay_page.status_code == 200


def test_from_the_cart_to_the_doorstep(cron: Any) -> None:
    variant = VariantFactory()
    shopper = Shopper({variant.sku: 2})
    shopper.orders()
    assert "Only the payment is missing" in shopper.sees()
    shopper.ends_payment("paid")
    assert "Your payment is being confirmed" in shopper.sees()
    assert "failed=0" in cron()
    number = Shipment.objects.get().tracking_number
    assert re.fullmatch(r"SBX\d{12}", number)
    assert number in shopper.sees()
    assert "Your parcel is on its way" in shopper.sees()
    shopper.presses("received")
    assert "failed=0" in cron()
    assert "Your order has arrived" in shopper.sees()
    order, stock = Order.objects.get(), Stock.objects.get(pk=variant.pk)
    assert (written(order), order.events.latest("pk").actor) == (WHOLE_LOG, "customer")
    assert (stock.on_hand, stock.reserved) == (8, 0)
    assert set(Job.objects.values_list("status", flat=True)) == {1}


def test_silence_is_receipt_when_the_time_is_over() -> None:
    shopper = Shopper({VariantFactory().sku: 1})
    shopper.orders()
    shopper.ends_payment("paid")
    run_queue()
    enqueue_overdue(timezone.now() + timedelta(days=settings.RECEIPT_DAYS - 1))
    run_queue()
    assert "Your parcel is on its way" in shopper.sees()
    enqueue_overdue(timezone.now() + timedelta(days=settings.RECEIPT_DAYS))
    run_queue()
    assert "Your order has arrived" in shopper.sees()
    order = Order.objects.get()
    assert (written(order), order.events.latest("pk").actor) == (WHOLE_LOG, "system")


def test_a_payment_that_fails_and_one_that_is_given_up_can_be_followed_by_one_that_pays() -> None:
    shopper = Shopper({VariantFactory().sku: 1})
    shopper.orders()
    shopper.ends_payment("failed")
    run_queue()
    assert "The payment did not go through" in shopper.sees()
    shopper.presses("pay")
    shopper.ends_payment("voided")
    run_queue()
    assert "Only the payment is missing" in shopper.sees()
    shopper.presses("pay")
    shopper.ends_payment("paid")
    run_queue()
    assert "Your parcel is on its way" in shopper.sees()
    statuses = Order.objects.get().payments.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["failed", "voided", "paid"]
    assert Job.objects.filter(task="shop.checkout.tasks.request_delivery").count() == 1


def test_an_order_that_is_cancelled_gives_its_goods_back() -> None:
    variant = VariantFactory()
    shopper = Shopper({variant.sku: 3})
    shopper.orders()
    shopper.presses("cancel")
    assert "This order is cancelled" in shopper.sees()
    run_queue()
    assert Stock.objects.get(pk=variant.pk).reserved == 0
    assert not Shipment.objects.exists()
