"""What is remembered of a page can't be out of date."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString
from django.utils.translation import override

from shop.catalogue.models import Category
from shop.catalogue.templatetags import fragments
from tests.factories import CategoryFactory

LEFT = Template('{% load fragments %}{% pure "catalogue/_left.html" available=available %}')


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    fragments._rendered.cache_clear()


def left(available: Any, **around: Any) -> str:
    return LEFT.render(Context({"available": available, **around})).strip()


def test_a_fragment_is_made_once_for_the_same_values() -> None:
    assert left(3) == left(3, request="another") == '<span class="left">Only 3 left</span>'
    assert fragments._rendered.cache_info()[:2] == (1, 1)


def test_another_value_is_another_fragment() -> None:
    assert [left(3), left(2), left(0)] == [
        '<span class="left">Only 3 left</span>',
        '<span class="left">Only 2 left</span>',
        '<span class="left sold-out">Sold out</span>',
    ]


def test_another_language_and_another_currency_are_other_fragments(settings: Any) -> None:
    english = left(0)
    with override("zh-hans"):
        assert left(0) != english
    settings.SHOP_CURRENCY = "JPY"
    left(0)
    assert fragments._rendered.cache_info().misses == 3


@dataclass(frozen=True)
class Holder:
    held: Any


@dataclass(eq=False)
class Changeable:
    price: Decimal


@pytest.mark.django_db
@pytest.mark.parametrize("make", [CategoryFactory, lambda: Holder(Category(pk=1)), lambda: (1, Category(pk=1))])
def test_a_row_is_refused_for_it_is_equal_to_itself_whatever_changes_in_it(make: Any) -> None:
    with pytest.raises(TypeError, match="Category is no plain value"):
        left(make())


@pytest.mark.parametrize("value", [SafeString("<b>"), 1.5, Changeable(Decimal(1))])
def test_what_equals_something_that_reads_otherwise_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no plain value"):
        left(value)
