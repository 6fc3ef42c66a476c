"""Orders from before delivery, tax and vouchers keep their money; their logs are chained as they stand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from orders.models import Order, OrderEvent
from orders.proving import log_fault
from tests.shopping import placed_order

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
BEFORE = [("orders", "0001_initial")]
BEFORE_CHAIN = [("orders", "0005_shipping_tax_rate")]
OLD = ("kind", "from_status", "to_status", "actor", "note", "at")


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


def test_logs_from_before_the_chain_are_chained_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    migration = import_module("orders.migrations.0006_order_log_chain")
    monkeypatch.setattr(migration, "ORDERS_AT_ONCE", 2)
    orders = [placed_order() for _ in range(5)]
    kept = [list(order.events.order_by("pk").values_list(*OLD)) for order in orders]
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE_CHAIN)
    apps = executor.loader.project_state(BEFORE_CHAIN).apps
    # The rows of several orders lie in the table as they happened: mixed.
    for number, order in enumerate(orders):
        at = datetime(2026, 10, 25, 1, 30, 0, number + 1, tzinfo=UTC)
        row = {"kind": "cancelled", "actor": "staff", "note": "by ünïcødé 灯", "at": at}
        apps.get_model("orders", "OrderEvent").objects.create(order_id=order.pk, **row)
        kept[number].append(tuple({"from_status": "", "to_status": "", **row}[name] for name in OLD))
    migrate_on()
    for order, rows in zip(orders, kept, strict=True):
        assert list(order.events.order_by("position").values_list(*OLD)) == rows
        assert log_fault(order.pk) is None
        assert Order.objects.get(pk=order.pk).log_length == 3
        OrderEvent.objects.create(order_id=order.pk, kind="adopted", actor="customer")
        assert log_fault(order.pk) is None
