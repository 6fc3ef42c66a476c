"""A prepared query answers as the ORM would."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.test.utils import CaptureQueriesContext

from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.prepared import Prepared
from tests.factories import CategoryFactory, VariantFactory

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
variants_of = Prepared(
    lambda shelf, keys: (
        Variant.objects.filter(product__category=shelf, pk__in=keys)
        .order_by("pk")
        .values_list("pk", "price", "regular_price", "product__published", "product__created_at")
    )
)


def test_it_answers_as_the_orm_does_also_the_second_time_and_for_other_values() -> None:
    for shelf in (CategoryFactory(), CategoryFactory()):
        made = [VariantFactory(product__category=shelf, price=Decimal("2.55")) for _ in range(2)]
        rows = [(v.pk, v.price, None, True, v.product.created_at) for v in made]
        assert variants_of(shelf.pk, [made[0].pk, made[1].pk]) == rows
        assert variants_of(shelf.pk, [made[1].pk]) == rows[1:]
        assert variants_of(shelf.pk + 100, [made[1].pk]) == []


def test_of_no_keys_nothing_is_found_and_nothing_asked(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        assert variants_of(1, []) == []


def test_a_value_reaches_every_place_where_it_stands() -> None:
    filled = Prepared(
        lambda shelf: Category.objects.filter(pk=shelf).values_list(
            Exists(Product.objects.filter(category=OuterRef("pk"), category_id=shelf))
        )
    )
    empty, full = CategoryFactory(), VariantFactory().product.category
    assert [filled(empty.pk), filled(full.pk), filled(0)] == [[(False,)], [(True,)], []]


def test_it_gives_models_with_what_was_selected_and_annotated() -> None:
    named = Prepared(
        lambda slug, skus: (
            Variant.objects.filter(product__slug=slug, sku__in=skus)
            .select_related("product__category", "picture")
            .annotate(twice=F("price") * 2)
        )
    )
    for slug in ("ada", "bo"):
        made = VariantFactory(product__slug=slug, price=Decimal("2.55"))
        with CaptureQueriesContext(connection) as asked:
            (variant,) = named(slug, [made.sku])
            assert (variant, variant.twice, variant.picture) == (made, Decimal("5.1"), None)
            assert variant.product.category == made.product.category
        assert len(asked) == 1
    assert named("ada", ["no such"]) == named("no such", [made.sku]) == []
