"""What a shopper sees of the goods."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from shop.catalogue.models import Product, Stock
from tests.factories import CategoryFactory, PictureFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_the_home_page_shows_goods_of_every_shelf_that_are_in_stock(client: Client) -> None:
    there, sold_out = VariantFactory(), VariantFactory(pieces=0)
    page = client.get("/").content.decode()
    assert there.product.title in page
    assert there.product.category.title in page
    assert f'<h3 class="card-title">{sold_out.product.title}</h3>' not in page


def test_an_empty_shop_still_has_a_home_page(client: Client) -> None:
    assert "still empty" in client.get("/").content.decode()


def test_a_category_shows_twenty_four_cards_a_page(client: Client) -> None:
    toys = CategoryFactory(slug="toys")
    for _ in range(25):
        VariantFactory(product__category=toys)
    assert len(client.get("/c/toys/").context["page"]) == 24
    assert len(client.get("/c/toys/?page=2").context["page"]) == 1
    assert len(client.get("/c/toys/?page=no").context["page"]) == 24


def test_chinese_readers_see_the_chinese_title_of_a_category(client: Client) -> None:
    VariantFactory(product__category=CategoryFactory(slug="toys", title="Toys", title_zh="玩具"))
    page = client.get("/c/toys/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "<h1>玩具</h1>" in page
    assert '<html lang="zh-Hans">' in page


def test_the_language_is_switched_by_a_post_and_stays(client: Client) -> None:
    answer = client.post("/language/setlang/", {"language": "zh-hans", "next": "/cart/"})
    assert answer.headers["Location"] == "/cart/"
    assert "购物车" in client.get("/cart/").content.decode()


@pytest.mark.parametrize(("pieces", "words"), [(0, "Sold out"), (3, "Only 3 left"), (50, "In stock")])
def test_a_product_says_how_many_are_left(client: Client, pieces: int, words: str) -> None:
    page = client.get(VariantFactory(pieces=pieces).product.get_absolute_url()).content.decode()
    assert words in page
    assert ("Put in the cart" in page) == (pieces > 0)


def test_of_several_variants_the_first_in_stock_is_chosen_unless_one_is_asked_for(client: Client) -> None:
    product = ProductFactory()
    small, large = VariantFactory(product=product, pieces=0), VariantFactory(product=product)
    address = product.get_absolute_url()
    assert client.get(address).context["chosen"].variant == large
    assert client.get(address, {"option": small.sku}).context["chosen"].variant == small
    assert client.get(address, {"option": "nonsense"}).context["chosen"].variant == large


def test_a_product_without_variants_or_stock_is_shown_and_not_sold(client: Client) -> None:
    assert "not for sale" in client.get(ProductFactory().get_absolute_url()).content.decode()
    variant = VariantFactory()
    Stock.objects.filter(variant=variant).delete()
    assert "Sold out" in client.get(variant.product.get_absolute_url()).content.decode()


@pytest.mark.parametrize("path", ["/nope/", "/c/nope/", "/p/nope/", "/media/nope.webp"])
def test_an_unknown_address_gets_the_shops_own_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "nothing at this address" in answer.content.decode()


def test_a_picture_may_be_kept_for_long(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "owl.webp").write_bytes(b"owl")
    with closing(client.get("/media/owl.webp")) as answer:
        assert b"".join(answer.streaming_content) == b"owl"
        assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
            "image/webp",
            "public, immutable, max-age=31536000",
        )


@pytest.mark.parametrize("path", ["/media/../settings.py", "/media/%2e%2e/%2e%2e/etc/passwd"])
def test_no_address_leads_out_of_the_pictures_folder(client: Client, path: str) -> None:
    assert client.get(path).status_code in {400, 404}


def test_pages_carry_a_strict_policy_and_nothing_inline(client: Client) -> None:
    answer = client.get(VariantFactory().product.get_absolute_url())
    page = answer.content.decode()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "style=" not in page
    assert "<style" not in page
    assert " onclick" not in page
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="application/ld+json">')


def test_every_picture_says_how_large_it_is(client: Client) -> None:
    product = VariantFactory().product
    Product.objects.filter(pk=product.pk).update(cover=PictureFactory(product=product))
    page = client.get("/").content.decode()
    assert page.count("<img") == page.count('width="640" height="480"') > 0


def test_a_price_to_which_tax_is_added_says_so(client: Client, settings: Any) -> None:
    address = VariantFactory().product.get_absolute_url()
    assert "Tax is added in the checkout" not in client.get(address).content.decode()
    settings.PRICES_INCLUDE_TAX = False
    assert "Tax is added in the checkout" in client.get(address).content.decode()
