"""What search engines and link previews are told: the truth of the database, at the shop's own address."""

import json
import re
from decimal import Decimal
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.catalogue.models import Product
from tests.factories import CategoryFactory, PictureFactory, ProductFactory, VariantFactory
from tests.shopping import shopper_with

pytestmark = pytest.mark.django_db
HOME = "https://shop.example"
LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
SPITEFUL = "</script><b>\"&amp; 'x' \u2028"


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.SHOP_URL = HOME


def html(path: str, **options: Any) -> str:
    return Client(**options).get(path).content.decode()


def things(page: str) -> dict[str, Any]:
    """By their type, what the page tells machines."""
    told = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return {thing["@type"]: thing for thing in map(json.loads, told)}


def said(page: str, name: str) -> str | None:
    """The content of a meta element, or the address of the canonical link."""
    if name == "canonical":
        found = re.search(r'<link rel="canonical" href="([^"]*)">', page)
    else:
        found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)
    return unescape(found[1]) if found else None


def locations(path: str) -> list[str]:
    answer = Client().get(path)
    assert answer.status_code == 200
    return [element.text or "" for element in ElementTree.fromstring(answer.content).iter(LOCATION)]  # noqa: S314 (our own)


def paths_of_all_parts() -> list[str]:
    return [address for part in locations("/sitemap.xml") for address in locations(part.removeprefix(HOME))]


def test_a_product_is_told_as_the_database_has_it() -> None:
    product = VariantFactory(sku="TEA-1", price=Decimal("2.5"), product__description="For  two\ncups.").product
    page = html(product.get_absolute_url())
    told = things(page)["Product"]
    assert (told["name"], told["sku"], told["description"]) == (product.title, "TEA-1", product.description)
    offer = told["offers"]
    assert (offer["price"], offer["priceCurrency"], offer["availability"]) == (
        "2.50",
        "GBP",
        "https://schema.org/InStock",
    )
    assert offer["url"] == f"{HOME}{product.get_absolute_url()}"
    assert offer["hasMerchantReturnPolicy"]["merchantReturnDays"] == 14
    assert said(page, "description") == "For two cups."
    assert said(page, "canonical") == said(page, "og:url") == offer["url"]


@pytest.mark.parametrize(("currency", "price"), [("JPY", "3"), ("KWD", "2.550"), ("EUR", "2.55")])
def test_a_price_has_its_currencys_decimals(currency: str, price: str, settings: Any) -> None:
    settings.SHOP_CURRENCY = currency
    offer = things(html(VariantFactory(price=Decimal("2.55")).product.get_absolute_url()))["Product"]["offers"]
    assert (offer["price"], offer["priceCurrency"]) == (price, currency)


def test_what_is_sold_out_says_so_and_what_is_reduced_says_from_what() -> None:
    variant = VariantFactory(pieces=0, price=Decimal(8), regular_price=Decimal(10))
    offer = things(html(variant.product.get_absolute_url()))["Product"]["offers"]
    assert offer["availability"] == "https://schema.org/OutOfStock"
    assert (offer["price"], offer["priceSpecification"]["price"]) == ("8.00", "10.00")
    assert offer["priceSpecification"]["priceType"] == "https://schema.org/StrikethroughPrice"


def test_variants_are_a_group_and_each_has_an_offer_and_an_address_of_its_own() -> None:
    small = VariantFactory(title="small", price=Decimal(2))
    large = VariantFactory(title="large", price=Decimal(3), product=small.product, pieces=0)
    group = things(html(small.product.get_absolute_url()))["ProductGroup"]
    offers = {one["sku"]: one["offers"] for one in group["hasVariant"]}
    assert offers.keys() == {small.sku, large.sku}
    assert [offers[one.sku]["price"] for one in (small, large)] == ["2.00", "3.00"]
    chosen = Client().get(offers[large.sku]["url"].removeprefix(HOME))
    assert chosen.context["chosen"].variant == large
    assert said(chosen.content.decode(), "canonical") == f"{HOME}{small.product.get_absolute_url()}"


def test_a_product_that_is_not_sold_makes_no_offer() -> None:
    assert things(html(ProductFactory().get_absolute_url())).keys() == {"BreadcrumbList"}


def test_no_title_can_break_out_of_what_is_told() -> None:
    shelf = CategoryFactory(title=SPITEFUL, description=SPITEFUL)
    product = VariantFactory(product__category=shelf, product__title=SPITEFUL, product__description=SPITEFUL).product
    for address in (product.get_absolute_url(), shelf.get_absolute_url()):
        page = html(address)
        assert things(page)["BreadcrumbList"]["itemListElement"][-1]["name"] == SPITEFUL
        assert "<b>" not in page
    assert things(html(product.get_absolute_url()))["Product"]["name"] == SPITEFUL
    assert said(html(product.get_absolute_url()), "og:title") == SPITEFUL


def test_breadcrumbs_lead_from_the_root_to_the_product() -> None:
    root = CategoryFactory(title="Home")
    shelf = CategoryFactory(title="Tea", parent=root)
    product = VariantFactory(product__category=shelf).product
    steps = things(html(product.get_absolute_url()))["BreadcrumbList"]["itemListElement"]
    assert [(step["position"], step["name"]) for step in steps] == [(1, "Home"), (2, "Tea"), (3, product.title)]
    assert [step["item"] for step in steps] == [HOME + page.get_absolute_url() for page in (root, shelf, product)]


def test_a_link_to_a_product_is_shown_with_its_picture() -> None:
    product = VariantFactory().product
    picture = PictureFactory(product=product, alt="A teapot")
    Product.objects.update(cover=picture)
    page = html(product.get_absolute_url())
    assert said(page, "og:image") == HOME + picture.largest_url
    assert (said(page, "og:image:width"), said(page, "og:image:alt")) == (str(picture.width), "A teapot")
    assert said(page, "twitter:card") == "summary_large_image"
    assert things(page)["Product"]["image"] == [HOME + picture.largest_url]


def test_the_home_page_names_the_shop_and_its_search() -> None:
    VariantFactory()
    told = things(html("/"))
    assert told["OnlineStore"]["url"] == f"{HOME}/"
    assert told["WebSite"]["potentialAction"]["target"]["urlTemplate"] == f"{HOME}/search/?q={{words}}"


def test_a_link_to_the_home_page_is_shown_with_a_picture_of_what_it_shows() -> None:
    VariantFactory()
    assert said(html("/"), "og:image") is None
    product = VariantFactory().product
    picture = PictureFactory(product=product)
    Product.objects.filter(pk=product.pk).update(cover=picture)
    assert said(html("/"), "og:image") == HOME + picture.largest_url


def test_the_pages_of_a_list_are_pages_of_their_own_and_filters_are_not() -> None:
    shelf = CategoryFactory(slug="toys")
    for _ in range(25):
        VariantFactory(product__category=shelf)
    assert said(html("/c/toys/?sort=price&in_stock=1"), "canonical") == f"{HOME}/c/toys/"
    assert said(html("/c/toys/?page=1"), "canonical") == f"{HOME}/c/toys/"
    assert said(html("/c/toys/?page=2&sort=price"), "canonical") == f"{HOME}/c/toys/?page=2"


@pytest.mark.parametrize("path", ["/search/?q=tea", "/nowhere/", "/p/nothing/", "/account/login/"])
def test_what_is_not_for_search_engines_says_so(path: str) -> None:
    page = html(path)
    assert said(page, "robots") == "noindex"
    assert said(page, "canonical") is None


@pytest.mark.parametrize("path", ["/", "/c/toys/", "/p/teapot/", "/cart/", "/checkout/"])
def test_what_is_for_everybody_has_a_description_and_one_address(path: str) -> None:
    shelf = CategoryFactory(slug="toys")
    variant = VariantFactory(product__category=shelf, product__slug="teapot")
    page = shopper_with({variant.sku: 1}).get(path).content.decode()
    assert said(page, "canonical") == HOME + path
    assert 20 < len(said(page, "description") or "") <= 155
    assert said(page, "robots") is None


def test_the_sitemap_has_what_is_published_and_nothing_else() -> None:
    shelf, empty = CategoryFactory(), CategoryFactory()
    shown, hidden = VariantFactory(product__category=shelf).product, VariantFactory(product__published=False).product
    listed = paths_of_all_parts()
    assert {HOME + "/", HOME + shelf.get_absolute_url(), HOME + shown.get_absolute_url()} == set(listed)
    assert not {HOME + empty.get_absolute_url(), HOME + hidden.get_absolute_url()} & set(listed)


def test_ten_thousand_products_are_listed_in_parts_of_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    shelf = CategoryFactory()
    Product.objects.bulk_create(Product(category=shelf, slug=f"thing-{n}", title=f"Thing {n}") for n in range(10_000))
    assert len(locations("/sitemap.xml")) == 6
    with django_assert_max_num_queries(2):
        assert len(locations("/sitemap-products.xml?p=5")) == 2000
    assert len(set(paths_of_all_parts())) == 10_002


@pytest.mark.parametrize("path", ["/sitemap-nothing.xml", "/sitemap-products.xml?p=2", "/sitemap-products.xml?p=x"])
def test_a_part_that_is_not_there_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_robots_are_told_where_the_sitemap_is_and_what_is_no_business_of_theirs() -> None:
    text = Client().get("/robots.txt").content.decode()
    assert f"Sitemap: {HOME}/sitemap.xml\n" in text
    assert "Disallow: /orders/\n" in text
    assert "/cart/" not in text
