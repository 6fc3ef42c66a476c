"""Pages remember what they have read for as long as nothing in it changes, and not a moment longer."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from shop.catalogue import edition, renewal
from shop.catalogue.models import Category, OptionValue, Picture, Product, SearchEntry, Stock, Variant
from shop.catalogue.pricing import set_price
from shop.catalogue.search.finding import find
from shop.catalogue.stock import receive
from shop.checkout.models import ShippingMethod, ShippingRate
from tests.at_once import at_once
from tests.factories import OptionValueFactory, PictureFactory, VariantFactory

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


@pytest.fixture
def mug() -> Variant:
    mug = VariantFactory(price=Decimal(5), product__title="Mug", product__slug="mug")
    mug.product.cover = PictureFactory(product=mug.product)
    mug.product.save()
    mug.values.add(OptionValueFactory(option__slug="colour", slug="red"))
    method = ShippingMethod.objects.create(code="post", title="Post", days_min=1, days_max=2)
    ShippingRate.objects.create(method=method, price=Decimal(3))
    return mug


def saved(rows: Any, **values: Any) -> None:
    row = rows.get()
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


CHANGES: dict[str, Callable[[Variant], Any]] = {
    "a product is saved": lambda mug: saved(Product.objects, title="Cup"),
    "products are updated": lambda mug: Product.objects.update(published=False),
    "a product is made": lambda mug: Product.objects.create(slug="new", title="New", category=mug.product.category),
    "products are made": lambda mug: Product.objects.bulk_create(
        [Product(slug="new", title="New", category=mug.product.category)]
    ),
    "a picture is deleted": lambda mug: Picture.objects.all().delete(),
    "a picture gets words": lambda mug: saved(Picture.objects, alt="A mug"),
    "a category is renamed": lambda mug: saved(Category.objects, title="China"),
    "a category is deleted": lambda mug: Category.objects.create(slug="x", title="X").delete(),
    "an option value is renamed": lambda mug: saved(OptionValue.objects, name="Crimson"),
    "an option is renamed": lambda mug: saved(type(OptionValue.objects.get().option).objects, name="Paint"),
    "a value is taken from a variant": lambda mug: mug.values.clear(),
    "a value is given to a variant": lambda mug: mug.values.add(OptionValueFactory(option__slug="colour", slug="blue")),
    "a price is set": lambda mug: set_price(mug, Decimal(4), now=timezone.now()),
    "variants are updated": lambda mug: Variant.objects.update(weight_g=7),
    "a product is renewed": lambda mug: transaction.atomic(renewal.renew)([mug.product_id]),
    "the search is rebuilt": lambda mug: renewal.rebuild(),
    "search entries are deleted": lambda mug: [renewal.rebuild(), SearchEntry.objects.all().delete()],
    "a way of delivery is changed": lambda mug: saved(ShippingMethod.objects, days_max=9),
    "a rate is changed": lambda mug: saved(ShippingRate.objects, price=Decimal(2)),
    "a rate is deleted": lambda mug: ShippingRate.objects.all().delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_what_a_page_shows_makes_a_new_edition(mug: Variant, change: Callable[[Variant], Any]) -> None:
    before = edition.current()
    assert edition.current() == before
    change(mug)
    assert edition.current() != before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_without_a_transaction_makes_one_as_well(mug: Variant, change: Callable[[Variant], Any]) -> None:
    before = edition.current()
    change(mug)
    assert edition.current() != before


def test_stock_that_comes_makes_none_and_is_seen_at_once(mug: Variant, client: Client) -> None:
    Stock.objects.update(on_hand=2)
    before = edition.current()
    assert "Only 2 left" in client.get("/p/mug/").content.decode()
    transaction.atomic(receive)({mug.sku: 1}, "a delivery")
    assert "Only 3 left" in client.get("/p/mug/").content.decode()
    assert edition.current() == before


def test_what_is_taken_back_leaves_the_edition_as_it_was(mug: Variant, client: Client) -> None:
    before = edition.current()
    with transaction.atomic():
        saved(Product.objects, title="Cup")
        assert "<h1>Cup</h1>" in client.get("/p/mug/").content.decode()
        transaction.set_rollback(True)
    assert edition.current() == before
    assert "<h1>Mug</h1>" in client.get("/p/mug/").content.decode()


def test_each_page_shows_a_change_at_once(mug: Variant, client: Client) -> None:
    renewal.rebuild()
    pages = ["/", mug.product.category.get_absolute_url(), "/p/mug/"]
    assert all("£5.00" in client.get(page).content.decode() for page in [*pages, *pages])
    set_price(mug, Decimal(4), now=timezone.now())
    assert all("£4.00" in client.get(page).content.decode() for page in pages)


@pytest.mark.django_db(transaction=True)  # InnoDB's full-text index shows only what is committed
def test_a_search_remembers_and_still_finds_what_is_new(mug: Variant) -> None:
    renewal.rebuild()
    assert find(edition.current(), "mug").products == (mug.product_id,)
    another = VariantFactory(product__title="Another mug")
    renewal.rebuild()
    assert set(find(edition.current(), "mug").products) == {mug.product_id, another.product_id}


def test_an_empty_table_remembers_nothing() -> None:
    connection.cursor().execute("DELETE FROM catalogue_edition")
    assert edition.current() != edition.current()
    edition.change()
    assert edition.current() == edition.current()


@pytest.mark.django_db(transaction=True)
def test_two_who_change_the_same_goods_in_opposite_order_wait_for_each_other() -> None:
    """The edition is changed first, so none of them holds a product that the other one needs."""
    mugs = [VariantFactory(price=Decimal(5)) for _ in range(2)]

    def reprice(turn: int) -> None:
        with transaction.atomic():
            for variant in mugs[:: [1, -1][turn]]:
                set_price(Variant.objects.get(pk=variant.pk), Decimal(3 + turn), now=timezone.now())

    for _ in range(5):
        assert at_once(lambda: reprice(0), lambda: reprice(1)) == [None, None]
    assert len({variant.price for variant in Variant.objects.all()}) == 1
