"""Money is written right in every currency and language."""

from decimal import Decimal

import pytest
from django.utils import translation

from shop.catalogue.money import decimals, rounded, written


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
