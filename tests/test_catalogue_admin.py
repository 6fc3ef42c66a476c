"""Staff look at the stock, and change it only by booking pieces in."""

import pytest
from django.test import Client

from shop.catalogue.models import Product, Stock
from tests.factories import CategoryFactory, VariantFactory

pytestmark = pytest.mark.django_db


def book(client: Client, stock: Stock, **fields: object) -> str:
    """Sends the stock's form and gives back the page that follows."""
    rows = {"movements-TOTAL_FORMS": 0, "movements-INITIAL_FORMS": 0}
    address = f"/admin/catalogue/stock/{stock.pk}/change/"
    return client.post(address, rows | fields, follow=True).content.decode()


def product_fields(**variant: object) -> dict[str, object]:
    """What staff send for a new product with one variant."""
    rows = {"sku": "A1", "price": "2.95", "weight_g": 0, "position": 0} | variant
    about = {"title": "Owl", "slug": "owl", "category": CategoryFactory().pk, "tax_class": "standard"}
    formset = {"variants-TOTAL_FORMS": 1, "variants-INITIAL_FORMS": 0}
    formset |= {"pictures-TOTAL_FORMS": 0, "pictures-INITIAL_FORMS": 0}
    return about | formset | {f"variants-0-{name}": value for name, value in rows.items()}


def test_pieces_that_came_in_are_booked_as_a_movement(admin_client: Client) -> None:
    stock = VariantFactory(pieces=2).stock
    book(admin_client, stock, received=5, reference="note 7")
    stock.refresh_from_db()
    assert stock.on_hand == 7
    assert stock.movements.filter(kind="received", quantity=5, reference="note 7").count() == 1


def test_a_delivery_note_is_booked_once(admin_client: Client) -> None:
    stock = VariantFactory(pieces=2).stock
    book(admin_client, stock, received=5, reference="note 7")
    assert "booked already" in book(admin_client, stock, received=5, reference="note 7")
    stock.refresh_from_db()
    assert stock.on_hand == 7


@pytest.mark.parametrize("received", ["", "0", "-3", "many", "10000000000"])
def test_a_form_without_a_sound_number_changes_nothing(admin_client: Client, received: str) -> None:
    stock = VariantFactory(pieces=2).stock
    book(admin_client, stock, received=received, on_hand=99, reserved=1)
    stock.refresh_from_db()
    assert (stock.on_hand, stock.reserved, stock.movements.count()) == (2, 0, 1)


def test_stock_is_neither_added_nor_deleted_by_hand(admin_client: Client) -> None:
    stock = VariantFactory().stock
    assert admin_client.get("/admin/catalogue/stock/add/").status_code == 403
    assert admin_client.post(f"/admin/catalogue/stock/{stock.pk}/delete/").status_code == 403


def test_a_new_product_gets_an_empty_stock_for_each_variant(admin_client: Client) -> None:
    admin_client.post("/admin/catalogue/product/add/", product_fields())
    assert Product.objects.get().variants.get().stock.on_hand == 0


@pytest.mark.parametrize("path", ["category/", "product/", "stock/", "stock/?q=SKU"])
def test_the_lists_of_the_catalogue_open(admin_client: Client, path: str) -> None:
    VariantFactory()
    assert admin_client.get(f"/admin/catalogue/{path}").status_code == 200


@pytest.mark.parametrize(("price", "accepted"), [("2.95", True), ("2.950", True), ("2.955", False), ("-1", False)])
def test_a_price_that_nobody_can_pay_is_refused(admin_client: Client, price: str, accepted: bool) -> None:
    answer = admin_client.post("/admin/catalogue/product/add/", product_fields(price=price))
    assert answer.status_code == (302 if accepted else 200)
    assert Product.objects.exists() is accepted
