"""Staff hand a parcel over and enter its tracking number, in the admin and only with permission."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from delivery.models import Shipment
from orders.models import Order
from tests.shopping import paid_order, run_queue, written

EMPTY_INLINES = {f"{inline}-{name}": "0" for inline in ("lines", "events") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


def staff(*permissions: str) -> Client:
    """The browser of somebody who may do this in the admin, and nothing else."""
    user = User.objects.create_user(f"staff-{'-'.join(permissions)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def waiting(settings: Any) -> Shipment:
    """A parcel that waits for staff."""
    settings.DELIVERY_CARRIER = "manual"
    order = paid_order()
    run_queue()
    return Shipment.objects.get(order_id=order.pk)


def page_of(shipment: Shipment) -> str:
    return f"/admin/delivery/shipment/{shipment.pk}/change/"


def log(shipment: Shipment) -> list[tuple[str, str]]:
    return list(shipment.events.order_by("pk").values_list("kind", "actor"))


@pytest.mark.django_db
def test_staff_enter_the_number_of_a_parcel_that_waits(waiting: Shipment) -> None:
    shipment, client, page = waiting, staff("change_shipment", "view_shipment"), page_of(waiting)
    assert (shipment.status, shipment.tracking_number) == ("requested", "")
    for wrong in ("   ", "x" * 65):
        assert client.post(page, {"tracking_number": wrong} | EMPTY_INLINES).status_code == 200  # asked again
    assert log(shipment)[2:] == []
    form = {"tracking_number": " RM123 ", "status": "created", "name": "Mallory", "receipt_status": "confirmed"}
    assert client.post(page, form | EMPTY_INLINES).status_code == 302
    shipment.refresh_from_db()
    assert (shipment.status, shipment.tracking_number, shipment.name) == ("shipped", "RM123", "Ada Lovelace")
    assert shipment.receipt_status == "waiting"
    assert log(shipment)[2:] == [("shipped", "staff")]
    assert LogEntry.objects.filter(object_id=str(shipment.pk)).count() == 1
    assert client.post(page, {"tracking_number": "RM999"} | EMPTY_INLINES).status_code == 403
    run_queue()
    assert "dispatched" in written(Order.objects.get(pk=shipment.order_id))


@pytest.mark.django_db
@pytest.mark.parametrize(("permissions", "sees"), [((), 403), (("view_shipment",), 200), (("change_order",), 403)])
def test_who_may_not_change_a_parcel_enters_no_number(
    permissions: tuple[str, ...], sees: int, waiting: Shipment
) -> None:
    shipment, client, page = waiting, staff(*permissions), page_of(waiting)
    assert client.get(page).status_code == sees
    assert client.post(page, {"tracking_number": "RM123"} | EMPTY_INLINES).status_code == 403
    assert Client().post(page, {"tracking_number": "RM123"} | EMPTY_INLINES).status_code == 302  # to the log-in
    shipment.refresh_from_db()
    assert (shipment.status, shipment.tracking_number) == ("requested", "")
