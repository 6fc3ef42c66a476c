"""Invoices: one for each paid order, numbered without a gap, and writable whatever its buyer is called."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from orders.invoicing import issue_invoice
from orders.models import Invoice, Order
from queue_table.testing import run_due_jobs
from shop.aftersales.lettering import is_whole, marked_up
from tests.at_once import at_once
from tests.shopping import holder_of, paid_order, placed_order

pytestmark = pytest.mark.django_db
NAMES = {
    "emoji": "Ada 👩‍👩‍👧‍👦 🎁",
    "Arabic": "محمد بن سلمان",
    "Polish": "Zażółć Gęślą Jaźń",
    "accents": "Zoë Ångström-Éluard ñ ü ß",
    "Chinese": "王小明 繁體字 𠮷",
    "mark-up": "<b>Bobby</b> & </para> <font name='x'> &amp; {{ 7|add:7 }}",
    "control letters": "a\u202eb\u200d\ufeffc\ud7ff\uffff",
    "no blank": "W" * 120,
    "combining": "Z̷̢̛a̸l̵g̶o̶" * 10,
}


def numbers() -> list[int]:
    return sorted(Invoice.objects.values_list("number", flat=True))


def invoiced(**columns: Any) -> Order:
    order = paid_order(quantity=2)
    Order.objects.filter(pk=order.pk).update(**columns)
    issue_invoice(order.pk, timezone.now())
    return Order.objects.get(pk=order.pk)


@pytest.mark.databases
def test_a_paid_order_gets_its_invoice_once() -> None:
    order, unpaid = paid_order(), placed_order()
    run_due_jobs()
    invoice = Invoice.objects.get()
    assert invoice.order == order
    assert issue_invoice(order.pk, timezone.now()) == invoice
    assert numbers() == [invoice.number]
    assert not Invoice.objects.filter(order=unpaid).exists()


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_have_twenty_numbers_without_a_gap() -> None:
    first = issue_invoice(placed_order().pk, timezone.now()).number
    orders = [placed_order().pk for _ in range(20)]
    twice = [partial(issue_invoice, pk, timezone.now()) for pk in orders for _ in range(2)]
    issued = at_once(*twice)
    assert {invoice.number for invoice in issued} == set(range(first + 1, first + 21)), issued
    assert numbers() == list(range(first, first + 21))


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_a_number_that_is_rolled_back_is_the_next_ones() -> None:
    orders = [placed_order().pk for _ in range(3)]
    first = issue_invoice(orders[0], timezone.now()).number
    with transaction.atomic():
        issue_invoice(orders[1], timezone.now())
        transaction.set_rollback(True)
    issue_invoice(orders[2], timezone.now())
    assert numbers() == [first, first + 1]


def test_the_page_has_the_lines_the_sums_and_the_seller() -> None:
    with override_settings(SHOP_ADDRESS=["1 Lamp Street", "London"], SHOP_TAX_NUMBER="VAT GB 1"):
        order = invoiced()
    page = said(holder_of(order).get(f"/orders/{order.number}/invoice/"))
    for words in ("1 Lamp Street", "VAT GB 1", order.lines.get().title, "£5.10", order.name, order.number):
        assert words in page
    assert f"Invoice {order.invoice}" in page


def test_the_sums_by_rate_add_up_to_the_total() -> None:
    order = invoiced(
        subtotal="5.10",
        discount="1.00",
        shipping="3.00",
        total="7.10",
        tax="1.18",
        shipping_tax_rate="20",
        voucher_code="TEA",
    )
    order.lines.update(discount="1.00", tax="0.68", tax_rate="20")
    page = said(holder_of(order).get(f"/orders/{order.number}/invoice/"))
    [rates] = [re.findall(r"£([\d.]+)", row) for row in page.split("<tr>") if "20 %" in row and "SKU" not in row]
    assert [Decimal(amount) for amount in rates] == [Decimal("5.92"), Decimal("1.18"), Decimal("7.10")]
    for words in ("−£1.00", "TEA", "£3.00", "£7.10"):
        assert words in page


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_whatever_the_buyer_is_called_he_gets_his_pdf(name: str, language: str) -> None:
    order = invoiced(name=NAMES[name][:120], address="1\n" * 149, city=NAMES[name][:120])
    order.lines.update(title=(NAMES[name] * 9)[:250])
    client = holder_of(order)
    answer = client.get(f"/orders/{order.number}/invoice.pdf", headers={"Accept-Language": language})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="invoice-{order.invoice}.pdf"'
    assert {"no-store", "private"} <= {word.strip() for word in answer["Cache-Control"].split(",")}
    assert answer.content.startswith(b"%PDF-")
    assert client.get(f"/orders/{order.number}/invoice/").status_code == 200


@pytest.mark.parametrize("path", ["invoice/", "invoice.pdf"])
def test_an_invoice_is_for_its_owner_and_before_it_is_issued_for_nobody(path: str) -> None:
    order, unpaid = invoiced(), placed_order()
    for client, number in (
        (Client(), order.number),
        (holder_of(unpaid), order.number),
        (holder_of(unpaid), unpaid.number),
    ):
        assert client.get(f"/orders/{number}/{path}").status_code == 404
    assert holder_of(order).post(f"/orders/{order.number}/{path}").status_code == 405


def said(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("Zażółć gęślą jaźń, Příliš žluťoučký kůň, Árvíztűrő, İğdır, Ștefan", True),
        ("上海市浦东新区 3 号 £ € ₩ ₹ ¥", True),
        ("A\u030angstro\u0308m", True),  # accents of their own, as some keyboards send them
        ("Ёлка", True),
        ("محمد", False),
        ("Ada 🎁", False),
        ("Ωμέγα", False),
    ],
)
def test_the_paper_has_the_letters_of_most_and_says_so_where_it_has_not(words: str, whole: bool) -> None:
    assert is_whole(words) is whole
    assert "\ufffd" not in marked_up(words)
