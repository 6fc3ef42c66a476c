"""Uses of vouchers from before they kept an address count for it all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from orders.models import Order
from shop.checkout.models import VoucherUse
from tests.shopping import placed_order

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
BEFORE = [("checkout", "0001_initial")]


@pytest.fixture
def old_apps() -> Iterator[Any]:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    migrate_on()


def migrate_on() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_an_old_use_learns_the_address_of_its_order(old_apps: Any) -> None:
    order = placed_order()
    Order.objects.update(email="ADA@example.org")
    voucher = old_apps.get_model("checkout", "Voucher").objects.create(code="OLD", amount=1)
    uses = old_apps.get_model("checkout", "VoucherUse").objects
    uses.create(voucher=voucher, customer="customer:7", nth=1, order_number=order.number)
    uses.create(voucher=voucher, customer="customer:8", nth=1, order_number="GONE")
    migrate_on()
    assert dict(VoucherUse.objects.values_list("customer", "email")) == {
        "customer:7": "ada@example.org",
        "customer:8": "",
    }
