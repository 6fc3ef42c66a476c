"""What must always be true of the shop is, as long as nobody goes round it; and who does is found out."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.utils import timezone

from delivery.invariants import LOGGED
from delivery.lifecycle import Actor as DeliveryActor
from delivery.lifecycle import ShipmentStatus
from delivery.models import Shipment, ShipmentEvent
from delivery.services import confirm_receipt
from orders.exceptions import OrderError
from orders.lifecycle import Actor
from orders.models import Invoice, Order, OrderEvent, Payment
from orders.paying import record_payment
from orders.services import cancel_order, expire_order
from queue_table.invariant import Broken, Invariant, Span
from queue_table.models import Job
from queue_table.snapshot import one_moment
from shop.catalogue.invariants import EFFECTS
from shop.catalogue.models import StockMovement, Variant
from shop.ops.invariants import INVARIANTS
from shop.ops.invariants.checking import MOST, check
from tests.factories import VariantFactory, VoucherFactory
from tests.queue_rows import run_worker
from tests.shopping import notice_for, paid_order, placed_order, run_queue, status, tamper

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
Break = Callable[[dict[str, Order]], None]
AT = timezone.now() - timedelta(days=1)
RULES = {invariant.name: invariant for invariant in INVARIANTS}


@pytest.fixture(autouse=True)
def _look_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.ops.invariants.checking.SECOND_LOOK_AFTER", 0.0)


@pytest.fixture
def shop() -> dict[str, Order]:
    """An order in each state that the shop has, and a queue that has done its work."""
    done, sent, over, gone = paid_order(quantity=2), paid_order(), placed_order(), placed_order()
    voucher = VoucherFactory(code="ONCE", limit_total=5, limit_per_customer=2)
    variant = VariantFactory()
    placed_order(variant=variant, voucher=voucher.code, expected_total=variant.price - 1)
    cancel_order(over, Actor.CUSTOMER)
    expire_order(gone.pk, gone.pay_by)
    free = placed_order(variant=VariantFactory(price=0))
    run_queue()
    confirm_receipt(Shipment.objects.get(order_id=done.pk).pk, DeliveryActor.CUSTOMER)
    run_queue()
    orders = {"done": done, "sent": sent, "over": over, "gone": gone, "free": free, "open": placed_order(quantity=3)}
    run_queue()
    assert [status(order) for order in orders.values()] == [
        *("completed", "confirmed", "cancelled", "expired", "confirmed", "pending")
    ]
    return orders


def found(*names: str) -> dict[str, list[str]]:
    """The broken invariants with what is said of each."""
    report = check([RULES[name] for name in names or RULES], lambda *seen: None)
    return {finding.invariant.name: [row.text for row in finding.broken] for finding in report.broken}


def test_a_shop_that_nobody_went_round_breaks_nothing(shop: dict[str, Order]) -> None:
    assert found() == {}


def test_an_empty_shop_breaks_nothing() -> None:
    assert found() == {}


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def held(order: Order, kind: str = "reserved") -> Any:
    return StockMovement.objects.filter(reference=order.number, kind=kind)


def job(order: Order, task: str) -> Any:
    return Job.objects.filter(order_id=order.pk, task__endswith=task)


def own(order: Order) -> Any:
    return Order.objects.filter(pk=order.pk)


def parcel(order: Order) -> Any:
    return Shipment.objects.filter(order_id=order.pk)


def invoice_skips(shop: dict[str, Order]) -> None:
    Invoice.objects.filter(order_id=shop["sent"].pk).update(number=77)


def piece_appears(shop: dict[str, Order]) -> None:
    sql("UPDATE catalogue_stock SET on_hand = on_hand + 1 WHERE variant_id = %s", held(shop["open"]).get().stock_id)


def settled_again(shop: dict[str, Order]) -> None:
    """The way a lost lock would look: both hands settle, and both write their movement and their sum."""
    row = held(shop["open"]).get()
    for kind in ("released", "shipped"):
        StockMovement.objects.create(stock_id=row.stock_id, kind=kind, quantity=3, reference=shop["open"].number)
    sql("UPDATE catalogue_stock SET on_hand = 7, reserved = 0 WHERE variant_id = %s", row.stock_id)
    StockMovement.objects.create(stock_id=row.stock_id, kind="reserved", quantity=3, reference="another")


def release_lost(shop: dict[str, Order]) -> None:
    """The goods of an expired order never came back, and no job will bring them."""
    row = held(shop["gone"], "released").get()
    row.delete()
    sql("UPDATE catalogue_stock SET reserved = reserved + 1 WHERE variant_id = %s", row.stock_id)


def hold_lost(shop: dict[str, Order]) -> None:
    row = held(shop["open"]).get()
    row.delete()
    sql("UPDATE catalogue_stock SET reserved = 0 WHERE variant_id = %s", row.stock_id)


def shipping_lost(shop: dict[str, Order]) -> None:
    row = held(shop["sent"], "shipped").get()
    row.delete()
    sql("UPDATE catalogue_stock SET reserved = reserved + 1, on_hand = on_hand + 1 WHERE variant_id = %s", row.stock_id)


def parcel_lost(shop: dict[str, Order]) -> None:
    key = parcel(shop["sent"]).get().pk
    for table in ("shipmentevent", "shipmentline"):
        sql(f"DELETE FROM delivery_{table} WHERE shipment_id = %s", key)  # noqa: S608 (constants)
    parcel(shop["sent"]).delete()


def parcel_of_nobody(shop: dict[str, Order]) -> None:
    over = shop["over"]
    row = Shipment.objects.create(order_id=over.pk, order_number=over.number, customer="guest", carrier="sandbox")
    ShipmentEvent.objects.create(shipment=row, kind="opened", actor="system")


def another_payment(order: Order, **columns: Any) -> None:
    Payment.objects.create(order=order, gateway="sandbox", amount=order.total, currency="GBP", **columns)


def silent_move(shop: dict[str, Order]) -> None:
    own(shop["sent"]).update(status="completed")


def untied_move(shop: dict[str, Order]) -> None:
    """A row that fits the chain and not the lifecycle."""
    OrderEvent.objects.create(
        order_id=shop["open"].pk, kind="placed", actor="system", from_status="draft", to_status="pending"
    )


def late_claim(shop: dict[str, Order]) -> None:
    row = job(shop["done"], "mail_order_paid").get()
    long_ago = {"claimed_at": AT, "created_at": AT, "lease_expires_at": AT}
    Job.objects.filter(pk=row.pk).update(status=2, finished_at=None, claim_token="1" * 32, **long_ago)


BREAKS: dict[str, list[Break]] = {
    "order-logs-are-whole": [
        lambda shop: tamper(shop["done"].events.filter(position=2), note="it never was") and None,
        lambda shop: sql("DELETE FROM orders_orderevent WHERE order_id = %s AND position = 2", shop["over"].pk),
    ],
    "order-moves-are-logged": [silent_move, untied_move],
    "order-sums-fit-lines": [
        lambda shop: sql(
            "UPDATE orders_orderline SET unit_price = unit_price + 1 WHERE order_id = %s", shop["sent"].pk
        ),
        lambda shop: sql("UPDATE orders_orderline SET discount = 1 WHERE order_id = %s", shop["sent"].pk),
        lambda shop: sql("UPDATE orders_orderline SET tax = 9 WHERE order_id = %s", shop["sent"].pk),
    ],
    "goods-are-paid": [
        lambda shop: sql("UPDATE orders_payment SET amount = 1 WHERE order_id = %s", shop["done"].pk),
        lambda shop: sql("UPDATE orders_payment SET currency = 'JPY' WHERE order_id = %s", shop["done"].pk),
        lambda shop: sql("UPDATE orders_payment SET status = 'failed' WHERE order_id = %s", shop["sent"].pk),
    ],
    "money-has-its-place": [
        lambda shop: another_payment(shop["done"], status="paid"),
        lambda shop: another_payment(shop["gone"], status="paid"),
    ],
    "one-open-payment": [lambda shop: another_payment(shop["open"])],
    "invoices-without-gap": [
        invoice_skips,
        lambda shop: sql("UPDATE orders_invoicecounter SET last = 99"),
        lambda shop: sql("DELETE FROM orders_invoice WHERE order_id = %s", shop["done"].pk),
    ],
    "stock-fits-movements": [
        piece_appears,
        lambda shop: sql("UPDATE catalogue_stock SET reserved = 1 WHERE reserved = 0"),
    ],
    "holds-end-once": [],  # below: it can't be broken alone
    "vouchers-are-counted": [
        lambda shop: sql("UPDATE checkout_voucher SET used = 2"),
        lambda shop: sql("UPDATE checkout_voucher SET limit_total = 0"),
    ],
    "parcel-moves-are-logged": [
        lambda shop: sql(
            "UPDATE delivery_shipment SET receipt_status = 'confirmed' WHERE order_id = %s", shop["sent"].pk
        ),
        lambda shop: sql("DELETE FROM delivery_shipmentevent WHERE kind = 'requested'"),
    ],
    "paid-orders-are-delivered": [parcel_lost],
    "parcels-have-a-paid-order": [
        parcel_of_nobody,
        lambda shop: sql(
            "UPDATE delivery_shipment SET order_number = 'AAAA-AAAA-AAAA' WHERE order_id = %s", shop["free"].pk
        ),
    ],
    "jobs-have-their-order": [
        lambda shop: sql("UPDATE order_queue SET order_id = 987654321 WHERE order_id = %s", shop["over"].pk)
    ],
    "orders-hold-their-pieces": [release_lost, hold_lost],
    "sent-pieces-left-the-stock": [],  # below
    "claims-are-swept": [late_claim],
    "done-jobs-were-claimed": [
        lambda shop: sql("UPDATE order_queue SET claimed_at = NULL WHERE order_id = %s", shop["done"].pk),
        lambda shop: sql("UPDATE order_queue SET attempts = 0 WHERE order_id = %s", shop["done"].pk),
    ],
    "job-times-in-order": [
        lambda shop: Job.objects.filter(order_id=shop["done"].pk).update(claimed_at=AT) and None,
        lambda shop: Job.objects.filter(order_id=shop["done"].pk).update(finished_at=AT) and None,
    ],
}
CASES = [pytest.param(name, act, id=f"{name}-{n}") for name, acts in BREAKS.items() for n, act in enumerate(acts, 1)]


def test_each_invariant_is_broken_here_on_purpose() -> None:
    assert set(BREAKS) == set(RULES)


def test_each_movement_and_each_status_has_its_rule() -> None:
    assert set(EFFECTS) == set(StockMovement.Kind)
    assert set(LOGGED) == set(ShipmentStatus)


@pytest.mark.parametrize(("name", "act"), CASES)
def test_what_breaks_one_invariant_is_reported_as_that_and_nothing_else(
    name: str, act: Break, shop: dict[str, Order]
) -> None:
    act(shop)
    assert list(found()) == [name]


def test_pieces_settled_twice_are_reported(shop: dict[str, Order]) -> None:
    settled_again(shop)
    assert found("holds-end-once", "stock-fits-movements").keys() == {"holds-end-once"}


def test_pieces_that_left_and_still_count_are_reported(shop: dict[str, Order]) -> None:
    shipping_lost(shop)
    texts = found()
    assert list(texts) == ["sent-pieces-left-the-stock"]
    assert shop["sent"].number in texts["sent-pieces-left-the-stock"][0]


def test_work_that_still_lies_in_the_queue_is_not_missing() -> None:
    paid_order()
    cancel_order(placed_order(), Actor.CUSTOMER)
    assert found() == {}


def test_work_that_failed_for_good_is_missing(shop: dict[str, Order]) -> None:
    order = paid_order()
    job(order, "request_delivery").update(status=3, finished_at=timezone.now(), attempts=3)
    assert list(found()) == ["paid-orders-are-delivered"]


def test_the_list_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [placed_order() for _ in range(MOST + 2)]
    rule = replace(RULES["order-moves-are-logged"], at_once=4)
    Order.objects.filter(pk__in=[order.pk for order in orders[1:]]).update(status="cancelled")
    [finding] = check([rule], lambda *seen: None).findings
    assert (len(finding.broken), finding.more) == (MOST, True)
    Order.objects.filter(pk__in=[order.pk for order in orders[2:]]).update(status="pending")
    [finding] = check([rule], lambda *seen: None).findings
    assert ([row.key for row in finding.broken], finding.more) == ([orders[1].pk], False)


def test_the_spans_meet_and_the_last_one_has_no_end() -> None:
    keys = [placed_order().pk for _ in range(5)]
    spans = list(replace(RULES["order-sums-fit-lines"], at_once=2).spans())
    assert spans == [Span(0, keys[1]), Span(keys[1], keys[3]), Span(keys[3], 2**63 - 1)]


def test_what_looks_broken_for_a_moment_is_looked_at_once_more() -> None:
    looks: list[Span] = []

    def seem(span: Span) -> Iterator[Broken]:
        looks.append(span)
        seen = [Broken(7, "it seemed so"), Broken(8, "and stayed so")][len(looks) > 1 :]
        yield from (row for row in seen if span.after < row.key <= span.upto)

    odd = Invariant(name="odd", sentence="", advice="", broken=seem)
    [finding] = check([odd], lambda *seen: None).findings
    assert [row.text for row in finding.broken] == ["and stayed so"]
    assert looks[1:] == [Span(6, 7), Span(7, 8)]


@pytest.mark.django_db(transaction=True)
def test_orders_that_go_on_meanwhile_are_no_false_alarm() -> None:
    """Shoppers, payments, the clock and two workers write as fast as they can, while every invariant is read again and
    again in spans of a few rows, with no second look to hide a wrong first one."""
    variants, stop = [VariantFactory(pieces=500) for _ in range(3)], threading.Event()
    rules = [replace(rule, at_once=7) for rule in INVARIANTS]
    hands = [
        partial(_trade, variants, stop),
        partial(_trade, variants, stop),
        partial(_work, stop),
        partial(_work, stop),
    ]
    threads = [threading.Thread(target=_until_the_end, args=[hand]) for hand in hands]
    for thread in threads:
        thread.start()
    try:
        ends = time.monotonic() + 12
        alarms, rounds = [], 0
        while time.monotonic() < ends:
            for rule in rules:
                for span in rule.spans():
                    with one_moment():
                        alarms += [row.text for row in rule.broken(span)]
            rounds += 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert (alarms, rounds > 1) == ([], True)
    run_worker()
    assert Order.objects.count() > 20
    assert found() == {}


def _until_the_end(hand: Callable[[], None]) -> None:
    try:
        hand()
    finally:
        connections.close_all()


def _trade(variants: list[Variant], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        with suppress(OrderError, OperationalError):  # who loses a race is told so; the books must not suffer
            _live(placed_order(variant=variants[number % 3], quantity=number % 2 + 1), number % 4)


def _live(order: Order, fate: int) -> None:
    notice = notice_for(order.payments.get())
    if fate in {0, 1}:
        record_payment(notice, Actor.PROVIDER)
    if fate in {1, 2}:
        expire_order(order.pk, order.pay_by)
    if fate in {2, 3}:
        cancel_order(order, Actor.CUSTOMER)


def _work(stop: threading.Event) -> None:
    while not stop.is_set():
        with suppress(OperationalError):
            run_worker(max_seconds=1)
        for key in Shipment.objects.filter(receipt_status="waiting").values_list("pk", flat=True)[:3]:
            confirm_receipt(key, DeliveryActor.CUSTOMER)


# The command.


def command(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_invariants", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_well_where_all_is_well(shop: dict[str, Order]) -> None:
    code, text = command()
    assert code == 0
    assert [line.split()[0] for line in text.splitlines()] == ["holds"] * len(INVARIANTS)


def test_the_command_says_what_is_broken_and_what_to_do(shop: dict[str, Order]) -> None:
    silent_move(shop)
    code, text = command()
    rule = RULES["order-moves-are-logged"]
    assert code == 1
    assert f"broken  {rule.name}: {rule.sentence}" in text
    assert f"Order {shop['sent'].number} is completed, and its log says confirmed." in text
    assert f"What to do: {rule.advice}" in text


def test_machines_get_json(shop: dict[str, Order]) -> None:
    silent_move(shop)
    code, text = command("--json", "--only", "order-moves-are-logged", "goods-are-paid")
    told = json.loads(text)
    broken, whole = told["invariants"]
    assert (code, told["clean"], broken["holds"], whole["holds"]) == (1, False, False, True)
    assert broken["broken"][0]["key"] == shop["sent"].pk
    assert "Ada" not in text
