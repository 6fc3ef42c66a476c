"""An order's total is the sum of its parts, and the database says so too."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.drafts import LineDraft, Terms
from orders.models import Order
from orders.services import submit_order
from tests.factories import CONTACT
from tests.shopping import new_key

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
TERMS = Terms(
    currency="GBP",
    subtotal=Decimal("30.30"),
    discount=Decimal("10.10"),
    shipping=Decimal("4.95"),
    tax=Decimal("4.19"),
    total=Decimal("25.15"),
)


def submitted(**other: Any) -> Order:
    line = LineDraft(sku="A1", title="Owl", unit_price=Decimal("10.10"), quantity=3, discount=Decimal("10.10"))
    with transaction.atomic():
        return submit_order(
            new_key(),
            customer="guest",
            contact=CONTACT,
            lines=[line],
            terms=replace(TERMS, **other),
            now=timezone.now(),
        )


def test_an_order_keeps_each_part_of_its_total() -> None:
    order = Order.objects.get(pk=submitted(note="Ring twice.", shipping_title="Standard").pk)
    assert (order.subtotal - order.discount + order.shipping, order.tax) == (order.total, Decimal("4.190"))
    assert (order.note, order.shipping_title, order.lines.get().discount) == (
        "Ring twice.",
        "Standard",
        Decimal("10.100"),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": Decimal("25.14")},
        {"total": Decimal("25.151")},
        {"tax_included": False},
        {"discount": Decimal("30.31"), "total": Decimal("4.94")},
        {"shipping": Decimal(-1), "total": Decimal("19.20")},
        {"tax": Decimal(-1)},
    ],
    ids=str,
)
def test_the_database_refuses_parts_that_are_no_sum(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        submitted(**wrong)
    assert not Order.objects.exists()


def test_tax_that_is_not_included_is_added() -> None:
    assert submitted(tax_included=False, total=Decimal("29.34")).total == Decimal("29.34")
