"""What orders hold or have taken stays: no staff page deletes a variant whose pieces an order has moved."""

from functools import partial

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from orders.lifecycle import Actor
from orders.services import cancel_order
from shop.catalogue.exceptions import OutOfStock
from shop.catalogue.models import Category, PricePoint, Product, Stock, StockMovement, Variant
from shop.catalogue.pricing import set_price
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.page_forms import as_shown
from tests.shopping import placed_order

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
LIST = "/admin/catalogue/product/"


@pytest.fixture
def sold() -> Variant:
    """A variant with a price history, of which an order holds two pieces."""
    variant: Variant = VariantFactory(sku="SOLD")
    with transaction.atomic():
        set_price(variant, variant.price, None, now=timezone.now())
    placed_order(variant=variant, quantity=2)
    return variant


def everything() -> list[list[dict[str, object]]]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Product, Variant, Stock, StockMovement, PricePoint)
    ]


def delete_in_rows(client: Client, variant: Variant) -> str:
    """The page that follows when staff tick the variant's row for deletion and save the product."""
    address = f"{LIST}{variant.product.pk}/change/"
    sent = as_shown(client.get(address).content.decode())
    place = next(name.split("-")[1] for name, value in sent.items() if value == variant.sku)
    return client.post(address, sent | {f"variants-{place}-DELETE": "on"}, follow=True).content.decode()


def test_a_variant_that_an_order_holds_is_not_deleted_and_staff_hear_what_to_do(
    admin_client: Client, sold: Variant
) -> None:
    VariantFactory(product=sold.product)
    before = everything()
    page = delete_in_rows(admin_client, sold)
    assert "(SOLD) can&#x27;t be deleted: orders hold or have taken pieces of it" in page
    assert "take the tick off “published”" in page
    assert everything() == before


def test_a_variant_stays_also_when_its_order_was_cancelled(admin_client: Client) -> None:
    variant = VariantFactory(sku="SOLD")
    order = placed_order(variant=variant)
    cancel_order(order, Actor.STAFF)
    before = everything()
    assert "(SOLD) can&#x27;t be deleted" in delete_in_rows(admin_client, variant)
    assert everything() == before


def test_a_product_that_an_order_holds_is_deleted_by_no_page_of_the_staff(admin_client: Client, sold: Variant) -> None:
    before = everything()
    for sent in ({}, {"post": "yes"}):
        address = f"{LIST}{sold.product.pk}/delete/"
        page = admin_client.post(address, sent).content.decode() if sent else admin_client.get(address).content.decode()
        assert "(SOLD) can&#x27;t be deleted" in page
        action = {"action": "delete_selected", "_selected_action": sold.product.pk, **sent}
        assert "(SOLD) can&#x27;t be deleted" in admin_client.post(LIST, action).content.decode()
    assert everything() == before


def test_the_database_layer_refuses_too(sold: Variant) -> None:
    before = everything()
    for rows in (Product.objects.all(), Variant.objects.all(), Stock.objects.all()):
        with pytest.raises(ProtectedError):
            rows.delete()
    assert everything() == before


def test_a_variant_that_was_never_ordered_goes_with_its_stock(admin_client: Client) -> None:
    kept, typo = VariantFactory(), VariantFactory(sku="TYPO")
    Variant.objects.update(product=kept.product)
    typo.refresh_from_db()
    delete_in_rows(admin_client, typo)
    assert [stock.variant for stock in Stock.objects.all()] == [kept]
    assert not StockMovement.objects.filter(stock=typo.pk).exists()


@pytest.mark.parametrize("by", ["page", "action"])
def test_a_product_that_was_never_ordered_is_deleted(by: str, admin_client: Client) -> None:
    product = VariantFactory().product
    action = {"action": "delete_selected", "_selected_action": product.pk, "post": "yes"}
    address = LIST if by == "action" else f"{LIST}{product.pk}/delete/"
    assert admin_client.post(address, action).status_code == 302
    assert not Product.objects.exists()
    assert not Stock.objects.exists()
    assert Category.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_an_order_and_a_deletion_at_once_one_waits_for_the_other(admin_client: Client) -> None:
    for _ in range(3):
        variant = VariantFactory()
        action = {"action": "delete_selected", "_selected_action": variant.product.pk, "post": "yes"}
        page, order = at_once(partial(admin_client.post, LIST, action), partial(placed_order, variant=variant))
        if isinstance(order, OutOfStock):
            assert (page.status_code, Stock.objects.filter(pk=variant.pk).count()) == (302, 0)
        else:
            assert (page.status_code, Stock.objects.get(pk=variant.pk).reserved, order.status) == (200, 1, "pending")
