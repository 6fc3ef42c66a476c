"""A prepared query answers as the ORM would."""

from decimal import Decimal

import pytest
from django.db.models import Exists, OuterRef

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
