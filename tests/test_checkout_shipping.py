"""Which deliveries there are, for how much, and what the pages promise of them."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from orders.models import Order
from shop.checkout.shipping import Offer, offers, read_rates
from tests.factories import ShippingMethodFactory, ShippingRateFactory, VariantFactory
from tests.shopping import ADDRESS, checkout_fields, hidden_fields, shopper_with

databases = pytest.mark.databases
pytestmark = pytest.mark.django_db


def offered(country: str = "GB", weight_g: int = 500, subtotal: str = "10") -> list[Offer]:
    return offers(read_rates(), country=country, weight_g=weight_g, subtotal=Decimal(subtotal))


def prices(**asked: Any) -> list[tuple[str, Decimal]]:
    return [(offer.code, offer.price) for offer in offered(**asked)]


@databases
def test_a_country_that_is_named_has_its_own_price_and_all_others_the_rest() -> None:
    post = ShippingMethodFactory(code="post")
    ShippingRateFactory(method=post, countries=["GB", "IE"], price="2.95")
    ShippingRateFactory(method=post, countries=[], price="12.00")
    assert prices(country="IE") == [("post", Decimal("2.95"))]
    assert prices(country="FR") == prices(country="CN") == [("post", Decimal("12.00"))]


def test_a_country_that_is_named_is_not_everywhere_else() -> None:
    post = ShippingMethodFactory(code="post")
    ShippingRateFactory(method=post, countries=["GB"], weight_up_to_g=1000, price="2.95")
    ShippingRateFactory(method=post, countries=[], price="12.00")
    assert prices(country="GB", weight_g=1001) == []


def test_a_method_that_names_all_its_countries_goes_nowhere_else() -> None:
    ShippingRateFactory(countries=["GB"])
    assert prices(country="FR") == []


@databases
@pytest.mark.parametrize(
    ("weight_g", "price"), [(0, "1.50"), (100, "1.50"), (101, "2.95"), (2000, "2.95"), (2001, None)]
)
def test_the_least_limit_that_holds_the_weight_is_the_price(weight_g: int, price: str | None) -> None:
    letter = ShippingMethodFactory(code="post")
    ShippingRateFactory(method=letter, weight_up_to_g=2000, price="2.95")
    ShippingRateFactory(method=letter, weight_up_to_g=100, price="1.50")
    assert prices(weight_g=weight_g) == ([("post", Decimal(price))] if price else [])


def test_a_limit_comes_before_a_rate_for_any_weight() -> None:
    post = ShippingMethodFactory(code="post")
    ShippingRateFactory(method=post, price="9.00")
    ShippingRateFactory(method=post, weight_up_to_g=100, price="1.50")
    assert [prices(weight_g=weight) for weight in (100, 101)] == [
        [("post", Decimal("1.50"))],
        [("post", Decimal("9.00"))],
    ]


@pytest.mark.parametrize(("subtotal", "price"), [("39.99", "2.95"), ("40", "0"), ("41", "0")])
def test_delivery_is_free_from_its_sum(subtotal: str, price: str) -> None:
    ShippingRateFactory(price="2.95", free_from=40)
    assert offered(subtotal=subtotal)[0].price == Decimal(price)


def test_methods_stand_in_their_order_and_those_at_rest_are_not_offered() -> None:
    for position, (code, active) in enumerate([("slow", True), ("resting", False), ("quick", True)]):
        ShippingRateFactory(method__code=code, method__active=active, method__position=-position % 3)
    assert [code for code, _price in prices()] == ["slow", "quick"]


def test_a_method_is_called_by_its_name_in_the_shoppers_language() -> None:
    ShippingRateFactory(method__title="Standard", method__title_zh="标准配送")
    with translation.override("zh-hans"):
        assert offered()[0].title == "标准配送"


def test_without_any_rate_delivery_is_free_and_nothing_is_asked() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    page = client.get("/checkout/")
    assert (page.context["quote"].shipping, list(page.context["priced"].choices)) == (0, [])
    assert client.post("/checkout/", ADDRESS | hidden_fields(page)).status_code == 302
    assert Order.objects.get().shipping_method == ""


def test_the_parcel_weighs_what_its_pieces_weigh() -> None:
    ShippingRateFactory(weight_up_to_g=1000, price="2.00")
    ShippingRateFactory(method__code="heavy", price="9.00")
    client = shopper_with({VariantFactory(weight_g=334).sku: 3})
    assert [offer.code for offer in client.get("/checkout/").context["priced"].choices] == ["heavy"]


@databases
def test_an_order_keeps_how_it_is_delivered() -> None:
    ShippingRateFactory(method__code="post", method__title="Post", price="2.95")
    ShippingRateFactory(method__code="quick", method__title="Quick", method__days_max=2, price="5.95")
    client = shopper_with({VariantFactory(price="10").sku: 1})
    chosen = {"method": "quick"}
    page = client.post("/checkout/", checkout_fields(client) | chosen | {"update": "1"})
    assert client.post("/checkout/", ADDRESS | chosen | hidden_fields(page)).status_code == 302
    order = Order.objects.get()
    assert (order.shipping, order.total) == (Decimal("5.95"), Decimal("15.95"))
    assert (order.shipping_method, order.shipping_title, order.days_min, order.days_max) == ("quick", "Quick", 2, 2)


def test_a_country_that_is_not_served_is_told_so_and_nothing_is_lost() -> None:
    ShippingRateFactory(countries=["GB"])
    client = shopper_with({VariantFactory().sku: 1})
    fields = checkout_fields(client) | {"country": "FR", "note": "Ring twice."}
    for button in ({}, {"update": "1"}):
        page = client.post("/checkout/", fields | button).content.decode()
        assert "We do not deliver to France yet" in page
        assert "Ring twice." in page
        assert 'value="Ada Lovelace"' in page
    assert not Order.objects.exists()


def test_too_heavy_a_parcel_is_told_so() -> None:
    ShippingRateFactory(weight_up_to_g=1000)
    client = shopper_with({VariantFactory(weight_g=600).sku: 2})
    assert "too heavy for one parcel" in client.post("/checkout/", checkout_fields(client)).content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize("code", ["abroad", "resting", "no-such", "\x00", "x" * 10_000, "🎁", "method'--"])
def test_a_method_that_is_not_offered_here_is_refused(code: str) -> None:
    ShippingRateFactory(method__code="post", countries=["GB"])
    ShippingRateFactory(method__code="abroad", countries=["FR"], price="0")
    ShippingRateFactory(method__code="resting", method__active=False, price="0")
    client = shopper_with({VariantFactory().sku: 1})
    answer = client.post("/checkout/", checkout_fields(client) | {"method": code, "expected_total": "2.55"})
    assert "This way of delivery can&#x27;t be had" in answer.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        ([], "Free delivery, usually with you in 3 to 5 working days"),
        ([{"price": "0"}], "Free delivery, usually with you in 2 to 4 working days"),
        ([{"price": "2.95"}], "Delivery from £2.95, usually with you in 2 to 4 working days"),
        (
            [{"price": "2.95", "free_from": "40"}, {"price": "9", "method__position": 1}],
            "Delivery from £2.95, free for orders of £40.00 and more, usually with you in 2 to 4 working days",
        ),
        (
            [{"price": "2.95", "method__days_min": 1, "method__days_max": 1}],
            "Delivery from £2.95, usually with you in 1 working day",
        ),
        ([{"countries": ["FR"]}], "The checkout shows where we deliver, how soon and for how much"),
    ],
)
def test_the_pages_promise_what_the_checkout_asks(rates: list[dict[str, Any]], sentence: str) -> None:
    for rate in rates:
        ShippingRateFactory(**rate)
    variant = VariantFactory(price="10")
    client = shopper_with({variant.sku: 1})
    assert sentence in Client().get(variant.product.get_absolute_url()).content.decode()
    assert sentence in client.get("/cart/").content.decode()


def test_the_carts_sum_is_called_total_only_when_delivery_is_free() -> None:
    ShippingRateFactory(price="2.95", free_from="20")
    variant = VariantFactory(price="10")
    assert "Before delivery" in shopper_with({variant.sku: 1}).get("/cart/").content.decode()
    assert "Before delivery" not in shopper_with({variant.sku: 2}).get("/cart/").content.decode()


def test_the_cart_says_that_tax_is_still_to_come(settings: Any) -> None:
    settings.PRICES_INCLUDE_TAX = False
    page = shopper_with({VariantFactory().sku: 1}).get("/cart/").content.decode()
    assert page.count("Before delivery and tax") == 2


def test_the_promise_is_by_the_weight_of_the_thing_that_is_shown() -> None:
    ShippingRateFactory(weight_up_to_g=100, price="1.45")
    ShippingRateFactory(price="2.95")
    light, heavy = VariantFactory(weight_g=100), VariantFactory(weight_g=101)
    assert "Delivery from £1.45" in Client().get(light.product.get_absolute_url()).content.decode()
    assert "Delivery from £2.95" in Client().get(heavy.product.get_absolute_url()).content.decode()
    assert "from £2.95" in shopper_with({light.sku: 2}).get("/cart/").content.decode()


def test_search_engines_are_told_what_the_page_promises() -> None:
    ShippingRateFactory(price="2.95", free_from="40")
    for price, cost in (("39.99", "2.95"), ("40", "0.00")):
        page = Client().get(VariantFactory(price=price).product.get_absolute_url()).content.decode()
        things = [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)]
        details = next(thing for thing in things if thing["@type"] == "Product")["offers"]["shippingDetails"]
        assert details["shippingRate"] == {"@type": "MonetaryAmount", "value": cost, "currency": "GBP"}
        assert details["shippingDestination"]["addressCountry"] == "GB"
        assert details["deliveryTime"]["transitTime"]["maxValue"] == 4


def test_the_rates_are_read_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for countries in (["GB"], [], ["FR"]):
        ShippingRateFactory(countries=countries)
    with django_assert_num_queries(1):
        offered()
