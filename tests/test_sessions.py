"""A session lives as long as Django says, whoever looks it up."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from shop.customers.sessions import SessionStore
from tests.factories import VariantFactory

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def test_a_session_is_found_until_it_is_over(client: Client) -> None:
    client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
    assert "1 piece" in client.get("/cart/").content.decode()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert "Your cart is empty" in client.get("/cart/").content.decode()


@pytest.mark.parametrize("key", ["", "unknown", "x" * 4000, "é😀", "' OR 1=1 --"])
def test_a_strangers_key_finds_nothing_and_is_not_kept(key: str) -> None:
    store = SessionStore(key)
    assert store.load() == {}
    assert store.session_key is None
