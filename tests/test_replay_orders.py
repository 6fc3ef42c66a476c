"""Real invoices go through the whole shop, and the report says what became of each line."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from delivery.models import Shipment
from orders.models import Order
from queue_table.lifecycle import Status
from shop.catalogue.models import Stock, Variant
from tests.queue_rows import statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINES = """\
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,4,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850,United Kingdom
C536379,71053,WHITE METAL LANTERN,-1,2010-12-01 09:41:00,3.39,14527,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom
536420,85123A,WHITE HANGING HEART T-LIGHT HOLDER,1,2010-12-02 08:26:00,2.95,,EIRE
536420,71053,,2,2010-12-02 08:26:00,3.39,,EIRE
536420,22752,SET 7 BABUSHKA NESTING BOXES,many,2010-12-02 08:26:00,7.65,,EIRE
536420,22752,SET 7 BABUSHKA NESTING BOXES,2,2010-12-02 08:26:00,0,,EIRE
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "invoices.csv"
    path.write_text(HEAD + LINES, encoding="utf-8")
    return path


def replay(file: Path, *options: str) -> dict[str, Any]:
    output = StringIO()
    call_command("replay_orders", str(file), "--json", *options, stdout=output)
    report: dict[str, Any] = json.loads(output.getvalue())
    return report


def test_each_invoice_becomes_an_order_that_arrives(file: Path) -> None:
    report = replay(file)
    assert report["invoices"] == 4
    assert report["cancellations"] == ["C536379"]
    assert report["nothing_to_sell"] == ["536414"]
    assert report["orders_by_status"] == {"completed": 2}
    assert report["receipts"] == {"auto_confirmed": 2}
    assert set(statuses()) == {Status.DONE}
    assert report["queue_rows"]["receipt.confirmed"] == {"done": 2}


def test_lines_that_cant_be_sold_are_skipped_with_a_reason(file: Path) -> None:
    assert replay(file)["lines_skipped"] == {"no goods": 1, "price 0": 2, "no title": 1, "unreadable number": 1}


def test_the_money_of_each_order_is_the_files(file: Path) -> None:
    report = replay(file)
    assert sorted(Order.objects.values_list("total", flat=True)) == [Decimal("2.95"), Decimal("45.84")]
    assert (Decimal(report["money_total"]), report["money_differs"]) == (Decimal("48.79"), [])
    assert {order.country for order in Order.objects.all()} == {"GB", "IE"}


def test_a_shop_that_asks_for_delivery_and_tax_replays_the_goods_alone(file: Path) -> None:
    call_command("load_demo_tariff", stdout=StringIO())
    report = replay(file)
    assert report["money_differs"] == []
    assert {order.shipping + order.tax + order.discount for order in Order.objects.all()} == {0}


def test_an_order_keeps_the_price_of_its_day(file: Path) -> None:
    replay(file)
    prices = Order.objects.filter(lines__sku="85123A").order_by("pk").values_list("lines__unit_price", flat=True)
    assert list(prices) == [Decimal("2.55"), Decimal("2.95")]
    assert Variant.objects.get(sku="85123A").price == Decimal("2.95")


def test_twice_gives_the_same_orders_and_the_same_stock(file: Path) -> None:
    replay(file)
    before = (
        list(Order.objects.values_list("number", flat=True)),
        list(Stock.objects.values("pk", "on_hand", "reserved")),
    )
    report = replay(file)
    assert report["orders"] == {"placed": 0, "there already": 2}
    assert report["money_differs"] == []
    assert before == (
        list(Order.objects.values_list("number", flat=True)),
        list(Stock.objects.values("pk", "on_hand", "reserved")),
    )
    assert Shipment.objects.count() == 2


def test_receipts_are_confirmed_as_of_the_moment_given(file: Path) -> None:
    assert replay(file, "--as-of", "2010-12-24")["receipts"] == {"waiting": 2}
    assert replay(file, "--as-of", "2999-12-24")["receipts"] == {"auto_confirmed": 2}


def test_the_report_reads_well_for_people(file: Path) -> None:
    output = StringIO()
    call_command("replay_orders", str(file), stdout=output)
    assert "cancellations" in output.getvalue()
    assert "1 (C536379)" in output.getvalue()


ODD_LINES = {
    "no invoice number": ",85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,France",
    "impossible price": "1,85123A,HEART,6,2010-12-01 08:26:00,0.1234,17850,France",
    "impossible quantity": "1,85123A,HEART,-6,2010-12-01 08:26:00,2.55,17850,France",
    "impossible amount": "1,85123A,HEART,1000000,2010-12-01 08:26:00,1000000,17850,France",
    "title too long": f"1,85123A,{'H' * 200},6,2010-12-01 08:26:00,2.55,17850,France",
    "no goods": f"1,{'8' * 60},HEART,6,2010-12-01 08:26:00,2.55,17850,France",
    "unreadable number": "1,85123A,HEART,six,2010-12-01 08:26:00,2.55,17850,France",
}


@pytest.mark.parametrize("reason", ODD_LINES)
def test_an_odd_line_is_skipped_and_the_rest_goes_on(tmp_path: Path, reason: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"{HEAD}{ODD_LINES[reason]}\n2,22752,BOXES,2,2010-12-02 08:26:00,7.65,,EIRE\n", encoding="utf-8")
    report = replay(path)
    assert report["lines_skipped"] == {reason: 1}
    assert report["orders_by_status"] == {"completed": 1}


def test_a_price_that_is_not_a_number_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "nan.csv"
    rows = "".join(
        f"{price},85123A,HEART,6,2010-12-01 08:26:00,{price},1,France\n" for price in ("NaN", "Infinity", "1e3")
    )
    path.write_text(HEAD + rows, encoding="utf-8")
    assert replay(path)["orders"]["placed"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "no column"),
        (b"\xff\xfe\x00", "UTF-8"),
        (HEAD.encode() + b"1,2,\xff\n", "UTF-8"),
        (b"", "column"),
    ],
)
def test_a_file_of_another_form_is_refused_with_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        replay(path)


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        replay(tmp_path / "gone.csv")


@pytest.mark.parametrize("moment", ["soon", "2026-13-01", "2026-02-30", ""])
def test_a_moment_that_is_none_is_refused_with_a_sentence(file: Path, moment: str) -> None:
    with pytest.raises(CommandError, match="--as-of takes"):
        replay(file, "--as-of", moment)


@override_settings(DELIVERY_CARRIER="manual")
def test_a_replay_needs_a_carrier_that_ships_by_itself(file: Path) -> None:
    with pytest.raises(CommandError, match="DELIVERY_CARRIER"):
        replay(file)


@override_settings(PRODUCTION=True)
def test_nothing_is_replayed_into_a_shop_in_production(file: Path) -> None:
    with pytest.raises(CommandError, match="production"):
        replay(file)
    assert not Order.objects.exists()
