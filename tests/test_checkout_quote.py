"""The one place where a total is made: whatever is bought, the parts are the sum, to the smallest coin."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.catalogue.money import decimals, rounded, smallest
from shop.checkout.models import Voucher
from shop.checkout.quoting import Goods, Quote, Tariff, quote
from shop.checkout.shipping import Offer
from shop.checkout.spreading import spread

CURRENCIES = ["GBP", "JPY", "KWD"]  # two, no and three decimals
CLASSES = ["standard", "reduced", "zero"]
MOST = 10_000_000
without_haste = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def money(currency: str, most: int = MOST) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most).map(lambda coins: coins * smallest(currency))


def goods(currency: str) -> st.SearchStrategy[Goods]:
    return st.builds(
        Goods,
        sku=st.uuids().map(str),
        title=st.just("Owl"),
        unit_price=money(currency),
        quantity=st.integers(1, 10_000),
        tax_class=st.sampled_from(CLASSES),
    )


def percents(most: int = 100_000) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most).map(lambda thousandths: Decimal(thousandths) / 1000)


def vouchers() -> st.SearchStrategy[Voucher | None]:
    amounts = st.integers(0, 10 * MOST).map(lambda coins: Decimal(coins) / 1000)
    some = st.builds(
        Voucher, code=st.just("HELLO"), kind=st.sampled_from(Voucher.Kind.values), amount=amounts, percent=percents()
    )
    return st.none() | some


def methods(currency: str) -> st.SearchStrategy[Offer | None]:
    prices = money(currency, 10_000)
    offer = st.builds(
        Offer,
        code=st.just("post"),
        title=st.just("Post"),
        days_min=st.just(1),
        days_max=st.just(2),
        tax_class=st.sampled_from(CLASSES),
        price=prices,
    )
    return st.none() | offer


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    currency = draw(st.sampled_from(CURRENCIES))
    tariff = Tariff(
        currency=currency,
        tax_included=draw(st.booleans()),
        tax_rates=draw(st.dictionaries(st.sampled_from(CLASSES), percents())),
        voucher=draw(vouchers()),
    )
    return quote(draw(st.lists(goods(currency), max_size=8)), tariff, draw(methods(currency)))


@without_haste
@given(quotes())
def test_the_total_is_the_sum_of_its_parts(quoted: Quote) -> None:
    added = Decimal(0) if quoted.tax_included else quoted.tax
    assert quoted.total == quoted.subtotal - quoted.discount + quoted.shipping + added
    assert quoted.subtotal == sum(line.goods.amount for line in quoted.lines)


@without_haste
@given(quotes())
def test_what_is_split_over_the_lines_sums_exactly(quoted: Quote) -> None:
    shipping_tax = quoted.tax - sum(line.tax for line in quoted.lines)
    assert sum(line.discount for line in quoted.lines) == quoted.discount
    assert 0 <= shipping_tax <= quoted.shipping
    assert sum(quoted.tax_by_rate.values()) == quoted.tax
    for rate, tax in quoted.tax_by_rate.items():
        assert 0 <= tax - sum(line.tax for line in quoted.lines if line.tax_rate == rate) <= shipping_tax


@without_haste
@given(quotes())
def test_nothing_is_negative_and_the_discount_never_more_than_the_goods(quoted: Quote) -> None:
    parts = [quoted.subtotal, quoted.discount, quoted.shipping, quoted.tax, quoted.total, *quoted.tax_by_rate.values()]
    assert min(parts) >= 0
    assert quoted.discount <= quoted.subtotal
    for line in quoted.lines:
        assert 0 <= line.discount <= line.goods.amount
        assert 0 <= line.tax <= line.goods.amount - line.discount


@without_haste
@given(quotes())
def test_each_sum_can_be_paid_in_its_currency(quoted: Quote) -> None:
    shares = [share for line in quoted.lines for share in (line.discount, line.tax)]
    for amount in [quoted.subtotal, quoted.discount, quoted.shipping, quoted.tax, quoted.total, *shares]:
        assert amount == rounded(amount, quoted.currency)


@without_haste
@given(st.data())
def test_inclusive_and_exclusive_prices_agree_to_the_smallest_coin(data: st.DataObject) -> None:
    """One thing with tax on top costs what the same thing costs at the price that holds the tax."""
    currency = data.draw(st.sampled_from(CURRENCIES))
    rates = {"standard": data.draw(percents())}
    net = data.draw(money(currency))
    exclusive = quote([one(net)], Tariff(currency=currency, tax_included=False, tax_rates=rates))
    inclusive = quote([one(exclusive.total)], Tariff(currency=currency, tax_included=True, tax_rates=rates))
    assert inclusive.total == exclusive.total
    assert abs(inclusive.tax - exclusive.tax) <= smallest(currency)


def one(price: Decimal, tax_class: str = "standard", quantity: int = 1) -> Goods:
    return Goods(sku=f"{tax_class}-{price}", title="Owl", unit_price=price, quantity=quantity, tax_class=tax_class)


@without_haste
@given(st.lists(st.integers(0, MOST), min_size=1), st.integers(0, MOST), st.sampled_from(CURRENCIES))
def test_a_sum_is_spread_in_proportion_and_nobody_is_off_by_a_coin(
    weights: list[int], coins: int, currency: str
) -> None:
    unit = smallest(currency)
    whole = sum(weights)
    amount = min(coins, whole) * unit
    shares = spread(amount, [weight * unit for weight in weights], unit)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - (amount * weight / whole if whole else 0)) < unit
        assert share <= weight * unit


def test_the_tax_is_rounded_once_over_the_order_and_not_line_by_line() -> None:
    """Three times 0.02 of tax would be 0.06; of the sum it is 0.05."""
    lines = [Goods(sku=str(n), title="", unit_price=Decimal("0.10"), quantity=1, tax_class="standard") for n in "abc"]
    quoted = quote(lines, Tariff(currency="GBP", tax_included=False, tax_rates={"standard": Decimal("17.5")}))
    assert (quoted.tax, [line.tax for line in quoted.lines]) == (
        Decimal("0.05"),
        [Decimal(x) for x in (".02", ".02", ".01")],
    )


@pytest.mark.parametrize(
    ("currency", "included", "tax", "total"),
    [
        ("GBP", True, "2.49", "14.95"),
        ("GBP", False, "2.99", "17.94"),
        ("JPY", True, "3", "15"),
        ("KWD", False, "2.990", "17.940"),
    ],
)
def test_delivery_is_taxed_by_its_methods_class(currency: str, included: bool, tax: str, total: str) -> None:
    price, fee = (rounded(Decimal(amount), currency) for amount in ("9.00", "5.95"))
    post = Offer(code="post", title="Post", days_min=1, days_max=2, tax_class="standard", price=fee)
    tariff = Tariff(currency=currency, tax_included=included, tax_rates={"standard": Decimal(20)})
    quoted = quote([one(price)], tariff, post)
    assert (quoted.tax, quoted.total) == (Decimal(tax), Decimal(total))
    assert -quoted.total.as_tuple().exponent == decimals(currency)
    untaxed = Offer(code="post", title="Post", days_min=1, days_max=2, tax_class="zero", price=fee)
    assert quote([one(price)], tariff, untaxed).tax < quoted.tax


def test_goods_of_different_classes_have_their_own_rates() -> None:
    tariff = Tariff(currency="GBP", tax_rates={"standard": Decimal(20), "reduced": Decimal(5)})
    quoted = quote([one(Decimal(12)), one(Decimal("10.50"), "reduced"), one(Decimal(7), "zero")], tariff)
    assert quoted.tax_by_rate == {Decimal(20): Decimal("2.00"), Decimal(5): Decimal("0.50")}
    assert [line.tax_rate for line in quoted.lines] == [20, 5, 0]


def off(kind: str, **what: str) -> Voucher:
    return Voucher(code="HELLO", kind=kind, **{name: Decimal(value) for name, value in what.items()})


@pytest.mark.parametrize(
    ("voucher", "discount", "shipping"),
    [
        (off("fixed", amount="5"), "5", "2.95"),
        (off("fixed", amount="500"), "30", "2.95"),
        (off("percent", percent="12.5"), "3.75", "2.95"),
        (off("percent", percent="100"), "30", "2.95"),
        (off("free_shipping"), "0", "0"),
    ],
    ids=str,
)
def test_a_voucher_lets_off_what_it_says_and_never_more(voucher: Voucher, discount: str, shipping: str) -> None:
    post = Offer(code="post", title="Post", days_min=1, days_max=2, tax_class="standard", price=Decimal("2.95"))
    quoted = quote([one(Decimal(10), quantity=3)], Tariff(currency="GBP", tax_rates={}, voucher=voucher), post)
    assert (quoted.discount, quoted.shipping) == (Decimal(discount), Decimal(shipping))
