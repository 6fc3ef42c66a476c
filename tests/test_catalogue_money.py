"""Money is written right in every currency and language."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from shop.catalogue.money import decimals, rounded, written
from shop.catalogue.templatetags.shop_words import moment
from tests.factories import VariantFactory


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("2.55", "GBP", "£2.55"),
        ("2.5", "EUR", "€2.50"),
        ("1234567.891", "USD", "$1,234,567.89"),
        ("120", "JPY", "¥120"),
        ("1500.4", "KRW", "₩1,500"),
        ("2.55", "KWD", "KWD\u00a02.550"),
        ("8", "CNY", "CN¥8.00"),
        ("-3.1", "GBP", "\u2212£3.10"),
        ("0", "GBP", "£0.00"),
    ],
)
def test_an_amount_is_written_with_its_currencys_own_decimals(amount: str, currency: str, words: str) -> None:
    with translation.override("en"):
        assert written(Decimal(amount), currency) == words


@pytest.mark.parametrize(("currency", "words"), [("CNY", "¥8.00"), ("JPY", "JP¥8"), ("GBP", "£8.00")])
def test_a_chinese_reader_sees_the_yuan_sign_alone(currency: str, words: str) -> None:
    with translation.override("zh-hans"):
        assert written(Decimal(8), currency) == words


@pytest.mark.parametrize(
    ("amount", "currency", "payable"), [("2.555", "GBP", "2.56"), ("0.5", "JPY", "1"), ("1.0005", "KWD", "1.001")]
)
def test_a_half_is_rounded_away_from_zero(amount: str, currency: str, payable: str) -> None:
    assert rounded(Decimal(amount), currency) == Decimal(payable)


def test_a_currency_nobody_listed_has_two_decimals() -> None:
    assert decimals("CHF") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "language", "words"),
    [
        ("EUR", "en", "€1,234.50"),
        ("JPY", "en", "¥1,235"),
        ("JPY", "zh-CN", "JP¥1,235"),
        ("KWD", "en", "KWD\u00a01,234.500"),
        ("CNY", "zh-CN", "¥1,234.50"),
    ],
)
def test_a_page_shows_the_shops_currency_as_its_reader_writes_it(
    currency: str, language: str, words: str, settings: Any
) -> None:
    settings.SHOP_CURRENCY = currency
    product = VariantFactory(price=Decimal("1234.5")).product
    page = Client(headers={"accept-language": language}).get(product.get_absolute_url()).content.decode()
    assert f">{words}<" in page


@pytest.mark.parametrize(("language", "words"), [("en", "3 Dec, 14:05"), ("zh-hans", "12月3日 14:05")])
def test_a_moment_is_written_as_its_reader_writes_it(language: str, words: str) -> None:
    with translation.override(language):
        assert f">{words}</time>" in moment(datetime(2026, 12, 3, 14, 5, tzinfo=UTC))
