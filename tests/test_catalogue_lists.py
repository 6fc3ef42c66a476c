"""Lists are narrowed, sorted and paged by their address alone, and whatever stands in it breaks nothing."""

import pytest
from django.test import Client

from shop.catalogue.models import Product
from tests.factories import CategoryFactory
from tests.listing import add_variant, on_shelf, shown

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


@pytest.fixture
def mugs() -> list[Product]:
    """Four mugs on a shelf, and something on another one."""
    shelf = CategoryFactory(slug="mugs", title="Mugs")
    on_shelf("Tin kettle", "30", picks="colour:red")
    return [
        on_shelf("Blue mug", "4", category=shelf, picks="colour:blue size:small"),
        on_shelf("Dear mug", "20", category=shelf, picks="colour:red size:large"),
        on_shelf("Cheap mug", "1.50", category=shelf, picks="colour:red size:small"),
        on_shelf("A sold-out mug", "8", category=shelf, pieces=0, picks="colour:red size:large"),
    ]


ASKED = [
    ("", "A sold-out mug, Cheap mug, Dear mug, Blue mug"),
    ("?sort=newest", "A sold-out mug, Cheap mug, Dear mug, Blue mug"),
    ("?sort=price", "Cheap mug, Blue mug, A sold-out mug, Dear mug"),
    ("?sort=-price", "Dear mug, A sold-out mug, Blue mug, Cheap mug"),
    ("?sort=title", "A sold-out mug, Blue mug, Cheap mug, Dear mug"),
    ("?in_stock=1", "Cheap mug, Dear mug, Blue mug"),
    ("?price_from=4", "A sold-out mug, Dear mug, Blue mug"),
    ("?price_to=4", "Cheap mug, Blue mug"),
    ("?price_from=4&price_to=8.00", "A sold-out mug, Blue mug"),
    ("?price_from=8&price_to=4", "A sold-out mug, Blue mug"),
    ("?price_from=1,5&price_to=1.5", "Cheap mug"),
    ("?price_from=&price_to=&sort=", "A sold-out mug, Cheap mug, Dear mug, Blue mug"),
    ("?colour=red", "A sold-out mug, Cheap mug, Dear mug"),
    ("?colour=red&colour=blue", "A sold-out mug, Cheap mug, Dear mug, Blue mug"),
    ("?colour=red&size=large", "A sold-out mug, Dear mug"),
    ("?colour=red&size=large&in_stock=1&price_to=100", "Dear mug"),
    ("?colour=blue&size=large", ""),
]


def test_a_list_shows_what_its_address_asks_for(mugs: list[Product], client: Client) -> None:
    for query, titles in ASKED:
        assert ", ".join(shown(client, f"/c/mugs/{query}")) == titles, query


def test_one_variant_has_to_meet_every_wish_at_once(client: Client) -> None:
    cup = on_shelf("Cup", "4", category=CategoryFactory(slug="cups"), pieces=0, picks="colour:red size:small")
    add_variant(cup, "9", picks="colour:blue size:large")
    assert shown(client, "/c/cups/?colour=red&size=small") == ["Cup"]
    for wishes in ["colour=red&size=large", "colour=red&in_stock=1", "colour=blue&price_to=4", "in_stock=1&price_to=4"]:
        assert shown(client, f"/c/cups/?{wishes}") == [], wishes


def test_each_option_counts_as_if_nothing_of_its_own_were_chosen(mugs: list[Product], client: Client) -> None:
    def counts(query: str) -> dict[str, int]:
        facets = client.get(f"/c/mugs/{query}").context["listing"].facets
        return {choice.slug: choice.count for facet in facets for choice in facet.choices}

    assert counts("") == {"red": 3, "blue": 1, "small": 2, "large": 2}
    assert counts("?colour=red") == {"red": 3, "blue": 1, "small": 1, "large": 2}
    assert counts("?colour=red&size=small") == {"red": 1, "blue": 1, "small": 1, "large": 2}
    assert counts("?in_stock=1") == {"red": 2, "blue": 1, "small": 2, "large": 1}
    assert counts("?price_to=4&colour=red") == {"red": 1, "blue": 1, "small": 1}


def test_a_product_with_many_variants_counts_once(client: Client) -> None:
    cup = on_shelf("Cup", "4", category=CategoryFactory(slug="cups"), picks="colour:red size:small")
    add_variant(cup, "5", picks="colour:red size:large")
    answer = client.get("/c/cups/")
    assert answer.context["page"].paginator.count == 1
    assert answer.context["listing"].facets[0].choices[0].count == 1


def test_what_is_set_stands_above_the_list_and_each_link_takes_one_away(mugs: list[Product], client: Client) -> None:
    answer = client.get("/c/mugs/?sort=price&price_from=1&price_to=9&in_stock=1&colour=red&colour=blue&page=2")
    chips = {chip.words: chip.url for chip in answer.context["listing"].shown.chips}
    assert list(chips) == ["from £1.00", "up to £9.00", "In stock", "Red", "Blue"]
    assert chips["Red"] == "?sort=price&price_from=1&price_to=9&in_stock=1&colour=blue"
    assert chips["In stock"] == "?sort=price&price_from=1&price_to=9&colour=red&colour=blue"
    assert answer.context["listing"].shown.cleared == "?sort=price"
    assert 'href="?sort=price"' in answer.content.decode()


def test_a_list_that_nothing_fits_says_so_and_offers_the_way_back(mugs: list[Product], client: Client) -> None:
    page = client.get("/c/mugs/?price_from=1000").content.decode()
    assert "Take a filter away" in page
    assert "Clear all" in page


def test_pages_keep_the_filters(client: Client) -> None:
    shelf = CategoryFactory(slug="mugs")
    for number in range(26):
        on_shelf(f"Mug {number:02d}", category=shelf, picks="colour:red")
    page = client.get("/c/mugs/?colour=red&sort=title").content.decode()
    assert "?colour=red&amp;sort=title&amp;page=2" in page
    assert shown(client, "/c/mugs/?colour=red&sort=title&page=2") == ["Mug 24", "Mug 25"]
    assert shown(client, "/c/mugs/?colour=red&sort=title&page=99") == ["Mug 24", "Mug 25"]


def test_a_price_that_is_none_is_left_out_in_words(mugs: list[Product], client: Client) -> None:
    for price in ["abc", "-1", "1e9", "NaN", "Infinity", "1.2345", "9" * 400, "١٢", "1 2", "£5", "🎁"]:
        answer = client.get("/c/mugs/", {"price_from": price, "price_to": "4"})
        assert [card.title for card in answer.context["page"]] == ["Cheap mug", "Blue mug"], price
        assert "no price that we can read" in answer.content.decode()


STRANGE = """sort=pk sort=-category__slug sort=price_from;drop sort=best page=0&sort=x page=-1 page=99999999999999999999
    in_stock=maybe colour= colour=nothing category__slug=x variants__price__gt=3 utm_source=mail
    __class__=x = &&& %ff=%fe colour[]=red""".split()


def test_whatever_stands_in_the_address_the_list_is_shown(mugs: list[Product], client: Client) -> None:
    for query in STRANGE:
        assert len(shown(client, f"/c/mugs/?{query}")) == 4, query


def test_htmx_writes_an_address_without_empty_fields(mugs: list[Product], client: Client) -> None:
    answer = client.get("/c/mugs/?sort=price&price_from=&price_to=9&colour=red", headers={"hx-request": "true"})
    assert answer.headers["HX-Push-Url"] == "/c/mugs/?sort=price&price_to=9&colour=red"


def test_a_shelf_leads_to_those_under_it_and_to_those_above(client: Client) -> None:
    home = CategoryFactory(slug="home", title="Home things")
    kitchen = CategoryFactory(slug="kitchen", title="Kitchen", parent=home)
    on_shelf("Mug", category=kitchen)
    on_shelf("Vase", category=home)
    assert shown(client, "/c/home/?sort=title") == ["Mug", "Vase"]
    assert client.get("/c/home/").context["children"] == (kitchen,)
    assert client.get("/c/kitchen/").context["trail"] == (home,)


def test_an_empty_shelf_has_a_page(client: Client) -> None:
    CategoryFactory(slug="empty")
    assert "This shelf is empty" in client.get("/c/empty/").content.decode()


def test_what_is_not_published_is_in_no_list_and_in_no_count(client: Client) -> None:
    shelf = CategoryFactory(slug="mugs")
    on_shelf("Mug", category=shelf, picks="colour:red")
    on_shelf("Hidden mug", category=shelf, published=False, picks="colour:red")
    answer = client.get("/c/mugs/?sort=title")
    assert [card.title for card in answer.context["page"]] == ["Mug"]
    assert answer.context["listing"].facets[0].choices[0].count == 1
