"""What the shop puts on show by itself: the home page, what goes well with a product, what was seen before."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.catalogue.models import Product, Variant
from tests.factories import CategoryFactory, PictureFactory, VariantFactory, made
from tests.listing import on_shelf

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def reduce(product: Product, regular: str) -> None:
    Variant.objects.filter(product=product).update(regular_price=Decimal(regular))


def titles(cards: list[Any]) -> list[str]:
    return [card.title for card in cards]


def test_the_home_page_shows_what_is_reduced_what_is_new_and_something_of_every_shelf(client: Client) -> None:
    toys, cups = CategoryFactory(), CategoryFactory()
    for number in range(6):
        on_shelf(f"Toy {number}", category=toys)
        on_shelf(f"Cup {number}", category=cups)
    reduce(Product.objects.get(title="Toy 1"), "9")
    reduce(on_shelf("Sold-out toy", category=toys, pieces=0), "9")
    on_shelf("Hidden toy", category=toys, published=False)
    call_command("rebuild_search", verbosity=0)
    window = client.get("/").context["window"]
    assert titles(window.on_sale) == ["Toy 1"]
    assert titles(window.new) == ["Cup 5", "Toy 5", "Cup 4", "Toy 4"]
    assert titles(window.selection) == ["Cup 3", "Toy 3", "Cup 2", "Toy 2", "Cup 1", "Cup 0", "Toy 0"]


def test_a_card_says_what_is_reduced_and_what_is_left(client: Client) -> None:
    reduce(on_shelf("Owl", "5", pieces=3, category=CategoryFactory(slug="birds")), "9")
    call_command("rebuild_search", verbosity=0)
    page = client.get("/c/birds/").content.decode()
    assert "£5.00" in page
    assert "£9.00" in page
    assert "Only 3 left" in page


def test_beside_a_product_stand_those_of_its_shelf_with_most_words_in_common(client: Client) -> None:
    toys = CategoryFactory()
    near = on_shelf("Red teddy bears", category=toys)
    wanted = on_shelf("Red gingham teddy bear", category=toys)
    for number in range(5):
        on_shelf(f"Toy car {number}", category=toys)
    on_shelf("Red gingham teddy bear cup")
    beside = client.get(wanted.get_absolute_url()).context["beside"]
    assert titles(beside) == [near.title, "Toy car 4", "Toy car 3", "Toy car 2"]


def test_what_was_looked_at_stands_on_the_next_product_and_in_the_empty_cart(client: Client) -> None:
    products = [on_shelf(f"Thing {number}") for number in range(10)]
    for product in products:
        client.get(product.get_absolute_url())
    seen = client.get(products[0].get_absolute_url()).context["recent"]
    assert titles(seen) == [f"Thing {number}" for number in (9, 8, 7, 6, 5, 4, 3, 2)]
    page = client.get("/cart/").content.decode()
    assert "Recently viewed" in page
    assert "Thing 9" in page


def test_looking_at_goods_makes_no_session_and_tells_the_browser_only_news(client: Client) -> None:
    address = on_shelf("Owl").get_absolute_url()
    cookie = client.get(address).cookies["seen"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "sessionid" not in client.cookies
    assert "seen" not in client.get(address).cookies


def test_whatever_a_browser_says_it_has_seen_is_looked_up_as_keys_or_not_at_all(client: Client) -> None:
    owl, hidden = on_shelf("Owl"), on_shelf("Hidden owl", published=False)
    for text in ["", "x", "1-", "-1", "9" * 30, "1' OR 1=1", "0", "-".join(["1"] * 50), "\x00", "%F0"]:
        client.cookies["seen"] = text
        assert client.get("/cart/").status_code == 200, text
    client.cookies["seen"] = f"{hidden.pk}-999999-{owl.pk}"
    page = client.get("/cart/").content.decode()
    assert "Owl" in page
    assert "Hidden" not in page


@pytest.mark.django_db(transaction=True)  # InnoDB's full-text index shows only what is committed
def test_a_page_of_cards_asks_as_much_for_one_product_as_for_many(client: Client) -> None:
    """Two numbers for each page: the first time after a change of the catalogue, and from then on."""
    home = CategoryFactory(slug="home")
    fill(2, home)
    paths = ["/", "/c/home/", "/c/home/?colour=red&in_stock=1&price_to=9&sort=price", "/search/?q=mug", "/p/mug-0/"]
    paths += ["/search/?q=mug&colour=red&price_to=9", "/search/?q=xylophone"]
    client.post("/language/setlang/", {"language": "en"})
    few = {path: [asked(client, path), asked(client, path)] for path in paths}
    fill(20, home)
    many = {path: [asked(client, path), asked(client, path)] for path in paths}
    assert max(first for first, _then in [*few.values(), *many.values()]) <= 10, (few, many)
    assert max(then for _first, then in few.values()) <= 8, few
    assert [then for _first, then in few.values()] == [then for _first, then in many.values()]


def asked(client: Client, path: str) -> int:
    """How many queries the page takes."""
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def fill(categories: int, home: Any) -> None:
    """Three mugs on each of so many shelves, pictured, in two colours."""
    for number in range(Product.objects.count(), Product.objects.count() + 3 * categories):
        shelf = home if number % 3 else CategoryFactory(parent=home)
        product = VariantFactory(product__category=shelf, product__title="Mug", product__slug=f"mug-{number}").product
        made(product, colour="red" if number % 2 else "blue")
        product.cover = PictureFactory(product=product)
        product.save()
    call_command("rebuild_search", verbosity=0)
