"""What a product's card says of prices equals what its variants cost, whatever has been done to them."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Max, Min
from django.db.models.functions import Coalesce
from django.utils import timezone

from shop.catalogue.models import Product, Variant
from shop.catalogue.pricing import set_price
from shop.catalogue.renewal import renew
from tests.at_once import at_once
from tests.factories import ProductFactory, VariantFactory

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
KEPT = ["price_from", "price_to", "regular_from", "lowest_price_30_days"]


def kept() -> list[tuple[object, ...]]:
    return list(Product.objects.order_by("pk").values_list("pk", *KEPT))


def summed() -> list[tuple[object, ...]]:
    """Counted out of the variants, here and now."""
    regular = Min(Coalesce("variants__regular_price", "variants__price"))
    sums = [Min("variants__price"), Max("variants__price"), regular, Min("variants__lowest_price_30_days")]
    named = {f"now_{number}": formula for number, formula in enumerate(sums)}
    return list(Product.objects.order_by("pk").annotate(**named).values_list("pk", *named))


def test_they_stay_equal_through_random_changes() -> None:
    chance = random.Random(20261121)  # noqa: S311 (a game, no secret)
    products = ProductFactory.create_batch(3)
    now = timezone.now()
    for step in range(80):
        change_something(chance, products, now + timedelta(days=step))
        assert kept() == summed()


def change_something(chance: random.Random, products: list[Product], now: datetime) -> None:
    variant = chance.choice([None, *Variant.objects.order_by("pk")])
    if variant is None:
        VariantFactory(product=chance.choice(products), price=Decimal(chance.randrange(1, 50)))
    elif chance.random() < 0.15:
        with transaction.atomic():
            variant.delete()
            renew([variant.product_id])
    else:
        price = Decimal(chance.randrange(100, 5000)) / 100
        set_price(variant, price, chance.choice([None, price, price + 5]), now=now)


@pytest.mark.django_db(transaction=True)
def test_two_variants_that_change_at_one_moment_are_both_counted() -> None:
    product, now = ProductFactory(), timezone.now()
    cheap, dear = VariantFactory(product=product), VariantFactory(product=product)
    at_once(
        lambda: set_price(cheap, Decimal(1), now=now),
        lambda: set_price(dear, Decimal(9), now=now),
    )
    assert kept() == summed()


def test_rebuild_search_mends_prices_that_were_changed_past_the_door() -> None:
    Variant.objects.filter(pk=VariantFactory().pk).update(price=7)
    assert kept() != summed()
    call_command("rebuild_search", verbosity=0)
    assert kept() == summed()
