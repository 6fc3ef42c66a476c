"""A reduced price stands beside what was asked before: each change writes its history, whoever comes at once."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from shop.catalogue.models import PricePoint, Product, Variant
from shop.catalogue.pricing import set_price
from tests.at_once import at_once
from tests.factories import VariantFactory

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
NOW = timezone.now()


def after(days: float, variant: Variant, price: str, regular: str | None = None) -> str:
    """Sets the price so many days from NOW; what the variant then calls the lowest of the 30 days before."""
    set_price(variant, Decimal(price), Decimal(regular) if regular else None, now=NOW + timedelta(days=days))
    return str(variant.lowest_price_30_days and variant.lowest_price_30_days.normalize())


def test_a_reduction_names_the_price_that_was_asked_before() -> None:
    variant = VariantFactory()
    assert after(-90, variant, "10") == "None"
    assert after(0, variant, "8", "10") == "1E+1"


def test_the_lowest_of_thirty_days_counts_and_what_was_before_them_does_not() -> None:
    variant = VariantFactory()
    for day, price in [(-90, "5"), (-40, "9"), (-20, "7.5"), (-10, "12")]:
        after(day, variant, price)
    assert after(0, variant, "8", "12") == "7.5"
    later = VariantFactory()
    for day, price in [(-90, "5"), (-31, "9"), (-10, "12")]:
        after(day, later, price)
    assert after(0, later, "8", "12") == "9"  # in force when the thirty days began


def test_a_second_reduction_looks_back_from_its_own_beginning() -> None:
    variant = VariantFactory()
    after(-60, variant, "10")
    assert after(-5, variant, "8", "10") == "1E+1"
    assert after(0, variant, "6", "10") == "8"


def test_calling_the_old_price_reduced_shows_that_it_never_was_higher() -> None:
    variant = VariantFactory()
    after(-60, variant, "8")
    assert after(0, variant, "8", "12") == "8"


def test_the_end_of_a_reduction_takes_its_words_away(client: Client) -> None:
    variant = VariantFactory()
    after(-60, variant, "10")
    after(-5, variant, "8", "10")
    assert (
        "Lowest price in the 30 days before: £10.00" in client.get(variant.product.get_absolute_url()).content.decode()
    )
    assert after(0, variant, "10") == "None"
    page = client.get(variant.product.get_absolute_url()).content.decode()
    assert "<s " not in page
    assert "30 days" not in page


def test_a_reduction_of_unknown_history_claims_nothing(client: Client) -> None:
    variant = VariantFactory(price=Decimal(8), regular_price=Decimal(10))
    page = client.get(variant.product.get_absolute_url()).content.decode()
    assert '<s class="was"><span class="unseen">Was </span>£10.00</s>' in page
    assert "30 days" not in page


def test_setting_what_it_costs_already_writes_nothing() -> None:
    variant = VariantFactory()
    assert set_price(variant, Decimal("2.55"), now=NOW)
    assert not set_price(variant, Decimal("2.550"), now=NOW)
    assert variant.price_points.count() == 1


@pytest.mark.parametrize(("price", "regular"), [("8", "7"), ("-1", None)])
def test_the_database_refuses_a_nonsense_price_and_keeps_the_old_one(price: str, regular: str | None) -> None:
    variant = VariantFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        after(0, variant, price, regular)
    variant.refresh_from_db()
    assert (variant.price, variant.price_points.count()) == (Decimal("2.55"), 0)


def test_cards_name_the_regular_price_only_of_what_is_reduced() -> None:
    dear = VariantFactory(price=Decimal(9))
    VariantFactory(product=dear.product, price=Decimal(6))
    card = Product.objects.get()
    assert (card.price_from, card.price_to, card.regular_from) == (6, 9, 6)
    after(-60, dear, "9")
    after(0, dear, "5", "9")
    card = Product.objects.get()
    assert (card.price_from, card.regular_from, card.lowest_price_30_days) == (5, 6, 9)


@pytest.mark.django_db(transaction=True)
def test_of_changes_at_once_none_is_lost_from_the_history() -> None:
    variant = VariantFactory()
    prices = [Decimal(price) for price in range(1, 9)]

    def change(price: Decimal) -> bool:
        return set_price(Variant.objects.get(pk=variant.pk), price, Decimal(20), now=timezone.now())

    assert at_once(*[partial(change, price) for price in prices]) == [True] * len(prices)
    variant.refresh_from_db()
    history = list(PricePoint.objects.filter(variant=variant).order_by("pk").values_list("price", flat=True))
    assert sorted(history) == prices
    assert (variant.price, variant.lowest_price_30_days) == (history[-1], min(history[:-1]))
