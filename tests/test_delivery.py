"""One parcel per order, one tracking number per booking, one receipt: by the customer, by staff or by the clock."""

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from delivery.carriers import CARRIERS, carrier
from delivery.carriers.protocol import Booking
from delivery.drafts import Destination, ParcelDraft, ParcelLine
from delivery.exceptions import IllegalMove
from delivery.lifecycle import Actor
from delivery.models import Shipment
from delivery.services import book_shipment, confirm_if_overdue, confirm_receipt, mark_shipped, open_shipment
from delivery.tasks import enqueue_overdue
from tests.at_once import at_once
from tests.shopping import paid_order, run_queue, sent, status

databases = pytest.mark.databases
NOW = timezone.now()
RECEIPT = timedelta(days=settings.RECEIPT_DAYS)


class Ledger:
    """A carrier that takes every parcel and remembers by which keys it was asked."""

    name = "ledger"

    def __init__(self) -> None:
        self.keys: list[str] = []

    def book(self, order_number: str, idempotency_key: str) -> Booking:
        self.keys.append(idempotency_key)
        return Booking(shipped=True, tracking_number=f"L{len(self.keys)}")


def draft_of(order_id: int) -> ParcelDraft:
    home = Destination(name="Ada", address="12 St James's Square", city="London", postcode="SW1", country="GB")
    return ParcelDraft(
        order_id=order_id,
        order_number="ABCD-EFGH-JKMN",
        customer="guest",
        destination=home,
        lines=[ParcelLine(sku="85123A", title="T-light holder", quantity=2)],
    )


def opened(order_id: int = 7) -> Shipment:
    open_shipment(draft_of(order_id))
    return Shipment.objects.get(order_id=order_id)


def requested(carrier_name: str = "manual") -> Shipment:
    """A parcel whose carrier was asked."""
    shipment = opened()
    Shipment.objects.filter(pk=shipment.pk).update(carrier=carrier_name)
    book_shipment(shipment.pk, "job-1")
    shipment.refresh_from_db()
    return shipment


def shipped() -> Shipment:
    shipment = requested()
    mark_shipped(shipment, "RM123", Actor.STAFF, NOW)
    shipment.refresh_from_db()
    return shipment


def log(shipment: Shipment) -> list[tuple[str, str]]:
    return list(shipment.events.order_by("pk").values_list("kind", "actor"))


@databases
@pytest.mark.django_db
def test_an_order_has_one_parcel_however_often_delivery_is_told() -> None:
    shipment = opened()
    assert opened() == shipment
    assert log(shipment) == [("opened", "system")]
    assert list(shipment.lines.values_list("sku", "quantity")) == [("85123A", 2)]
    assert sent("shipment.requested", order_id=7) == 1


@databases
@pytest.mark.django_db(transaction=True)
def test_an_order_has_one_parcel_though_delivery_is_told_twice_at_once() -> None:
    outcomes = at_once(*[partial(open_shipment, draft_of(7))] * 3)
    assert {type(outcome) for outcome in outcomes} <= {type(None), IntegrityError}  # the job tries again, and finds it
    assert log(Shipment.objects.get(order_id=7)) == [("opened", "system")]
    assert sent("shipment.requested") == 1


def test_the_sandbox_carrier_gives_one_number_per_key() -> None:
    bookings = [carrier("sandbox").book("ABCD-EFGH-JKMN", key) for key in ["job-1", "job-1", "job-2"]]
    assert bookings[0] == bookings[1]
    assert bookings[0].tracking_number != bookings[2].tracking_number


@databases
@pytest.mark.django_db
def test_a_booking_that_is_repeated_ships_once() -> None:
    shipment = requested("sandbox")
    number = shipment.tracking_number
    book_shipment(shipment.pk, "job-1")
    book_shipment(shipment.pk, "job-2")
    shipment.refresh_from_db()
    assert (shipment.status, shipment.tracking_number) == ("shipped", number)
    assert log(shipment) == [("opened", "system"), ("requested", "system"), ("shipped", "carrier")]
    assert sent("shipment.dispatched", task="orders.tasks.note_dispatch") == 1


@pytest.mark.django_db
def test_a_carrier_is_not_asked_for_a_parcel_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    monkeypatch.setitem(CARRIERS, ledger.name, ledger)
    shipment = requested(ledger.name)
    book_shipment(shipment.pk, "job-2")
    assert ledger.keys == ["job-1"]


@databases
@pytest.mark.django_db
def test_the_receipt_falls_due_so_many_days_after_the_shipping() -> None:
    shipment = shipped()
    assert (shipment.shipped_at, shipment.confirm_due_at) == (NOW, NOW + RECEIPT)
    assert confirm_if_overdue(shipment.pk, NOW + RECEIPT - timedelta(microseconds=1)) is False
    assert enqueue_overdue(NOW + RECEIPT - timedelta(microseconds=1)) == 0
    assert confirm_if_overdue(shipment.pk, NOW + RECEIPT) is True


@databases
@pytest.mark.django_db
def test_nothing_is_received_that_was_not_sent() -> None:
    shipment = requested()
    with pytest.raises(IllegalMove):
        confirm_receipt(shipment.pk, Actor.CUSTOMER)
    assert enqueue_overdue(NOW + 10 * RECEIPT) == 0
    with pytest.raises(IllegalMove):
        mark_shipped(opened(8), "RM123", Actor.STAFF, NOW)
    assert sent("receipt.confirmed") + sent("shipment.dispatched") == 0


@databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("actor", "receipt"),
    [(Actor.CUSTOMER, "confirmed"), (Actor.STAFF, "confirmed"), (Actor.SYSTEM, "auto_confirmed")],
)
def test_who_confirmed_stands_in_both_logs(actor: Actor, receipt: str) -> None:
    order = paid_order()
    run_queue()
    shipment = Shipment.objects.get(order_id=order.pk)
    if actor == Actor.SYSTEM:
        assert enqueue_overdue(shipment.confirm_due_at + RECEIPT) == 1
        assert enqueue_overdue(shipment.confirm_due_at + 2 * RECEIPT) == 1  # a second sweep, and still one job
        assert sent("receipt.overdue") == 1
    else:
        assert [confirm_receipt(shipment.pk, actor), confirm_receipt(shipment.pk, actor)] == [True, False]
    run_queue()
    shipment.refresh_from_db()
    assert (shipment.receipt_status, status(order)) == (receipt, "completed")
    assert log(shipment)[3:] == [("received", actor)]
    assert order.events.filter(kind="completed").values_list("actor", flat=True).get() == actor


@databases
@pytest.mark.django_db(transaction=True)
def test_of_button_and_clock_at_once_one_confirms() -> None:
    for order_id in range(10):
        shipment = opened(order_id)
        book_shipment(shipment.pk, f"job-{order_id}")
        button = partial(confirm_receipt, shipment.pk, Actor.CUSTOMER)
        clock = partial(confirm_if_overdue, shipment.pk, timezone.now() + 2 * RECEIPT)
        assert sorted(at_once(button, clock, button, clock)) == [False, False, False, True]
        assert [kind for kind, _ in log(shipment)].count("received") == 1
        assert sent("receipt.confirmed", order_id=order_id) == 1


@databases
@pytest.mark.django_db
def test_a_failure_while_shipping_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shipment = requested()
    before = log(shipment)
    monkeypatch.setattr("delivery.services.publish", lambda message: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mark_shipped(shipment, "RM123", Actor.STAFF, NOW)
    shipment.refresh_from_db()
    assert (shipment.status, shipment.tracking_number, log(shipment)) == ("requested", "", before)
