"""Orders from before delivery, tax and vouchers keep their money."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from orders.models import Order

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
BEFORE = [("orders", "0001_initial")]


@pytest.fixture
def old_apps() -> Iterator[Any]:
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    migrate_on()


def migrate_on() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_all_that_an_old_order_cost_was_its_goods(old_apps: Any) -> None:
    now = timezone.now()
    old = old_apps.get_model("orders", "Order").objects.create(
        submit_key="k", customer="guest", currency="GBP", total=Decimal("15.10"), placed_at=now, pay_by=now
    )
    old_apps.get_model("orders", "OrderLine").objects.create(
        order=old, position=1, sku="A1", title="Owl", unit_price=Decimal("7.55"), quantity=2
    )
    migrate_on()
    order = Order.objects.get()
    assert (order.subtotal, order.total) == (Decimal("15.10"), Decimal("15.10"))
    assert (order.discount, order.shipping, order.tax, order.lines.get().tax) == (0, 0, 0, 0)
