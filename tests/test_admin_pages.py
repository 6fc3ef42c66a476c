"""Every page of the admin opens, with real rows behind it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from tests.queue_rows import run_worker
from tests.shopping import paid_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def rows(client: Client) -> None:
    """An order that went all the way to the parcel, and a superuser who looks at it."""
    client.force_login(User.objects.create_superuser("root", "root@example.org", "not-used-here"))
    paid_order()
    Order.objects.update(placed_at=timezone.now() - timedelta(days=400))
    paid_order()
    run_worker()


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_list_and_detail_open(client: Client, model: type[Model]) -> None:
    base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{base}_changelist")).status_code == 200
    assert client.get(reverse(f"{base}_changelist"), {"q": "lantern"}).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert client.get(reverse(f"{base}_change", args=[row.pk])).status_code == 200
    assert client.get(reverse(f"{base}_add")).status_code in {200, 403}


@pytest.mark.usefixtures("rows")
def test_order_parcel_and_queue_rows_are_there_to_see(client: Client) -> None:
    for name in ("orders_order", "delivery_shipment", "queue_table_job"):
        page = client.get(reverse(f"admin:{name}_changelist"))
        assert page.context["cl"].result_count > 0, name
