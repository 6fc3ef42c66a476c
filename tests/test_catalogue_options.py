"""A shopper picks colour and size apart, by plain links, and sees what can be had together."""

import re
from typing import Any

import pytest
from django.test import Client

from shop.catalogue.models import OptionValue, Product, Variant
from tests.factories import OptionFactory, PictureFactory, ProductFactory, VariantFactory, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Product:
    """In red, blue and green; green only small, the small red ones sold out."""
    mug = ProductFactory(title="Mug", slug="mug")
    made(mug, colour="red", size="small", pieces=0)
    made(mug, colour="red", size="large")
    made(mug, colour="blue", size="small")
    made(mug, colour="blue", size="large")
    made(mug, colour="green", size="small")
    return mug


def chips(page: str) -> dict[str, str]:
    """The address behind each chip, by its words, what is only read out included."""
    found = re.findall(r'<a id="chip-[^>]*href="([^"]*)"[^>]*>(.*?)</a>', page)
    return {re.sub("<[^>]*>", "", words): address.replace("&amp;", "&") for address, words in found}


def picked(page: str) -> list[str]:
    return re.findall(r'<a id="chip-[^>]*aria-current="true">([^<]*)', page)


def see(client: Client, query: str = "") -> str:
    answer = client.get(f"/p/mug/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_option_has_its_chips_and_the_first_in_stock_is_picked(mug: Product, client: Client) -> None:
    page = see(client)
    assert list(chips(page)) == ["Red", "Blue", "Green (Not together)", "Small (Sold out)", "Large"]
    assert picked(page) == ["Red", "Large"]


def test_picking_one_value_keeps_the_others(mug: Product, client: Client) -> None:
    page = see(client, chips(see(client))["Blue"])
    assert picked(page) == ["Blue", "Large"]
    assert picked(see(client, chips(page)["Small"])) == ["Blue", "Small"]


def test_a_combination_that_is_not_made_is_shown_as_such_and_the_way_on_stays(mug: Product, client: Client) -> None:
    page = see(client, "?colour=green&size=large")
    assert "have it as Green, Large" in page.replace("&#x27;", "'")
    assert "Put in the cart" not in page
    assert picked(page) == ["Green", "Large"]
    assert picked(see(client, chips(page)["Small"])) == ["Green", "Small"]


def test_what_is_sold_out_can_be_looked_at(mug: Product, client: Client) -> None:
    page = see(client, chips(see(client))["Small (Sold out)"])
    assert picked(page) == ["Red", "Small"]
    assert "Sold out" in page
    assert "Put in the cart" not in page


def test_one_value_alone_finds_the_first_in_stock_that_has_it(mug: Product, client: Client) -> None:
    assert picked(see(client, "?size=small")) == ["Blue", "Small"]


def test_a_link_by_sku_picks_the_values_of_that_variant(mug: Product, client: Client) -> None:
    assert picked(see(client, f"?option={Variant.objects.get(title='green, small').sku}")) == ["Green", "Small"]


@pytest.mark.parametrize("query", ["?colour=mauve", "?size=", "?option=nonsense", "?picture=x&option[]=1"])
def test_words_that_mean_nothing_are_passed_over(mug: Product, client: Client, query: str) -> None:
    assert picked(see(client, query)) == ["Red", "Large"]


def test_the_form_sells_the_variant_that_is_picked(mug: Product, client: Client) -> None:
    sku = Variant.objects.get(title="blue, small").sku
    assert f'name="sku" value="{sku}"' in see(client, "?colour=blue&size=small")


def test_options_and_values_stand_in_their_order(mug: Product, client: Client) -> None:
    OptionFactory._meta.model.objects.filter(slug="colour").update(position=2)
    OptionValue.objects.filter(slug="red").update(position=9)
    assert [words.split()[0] for words in chips(see(client))] == ["Small", "Large", "Blue", "Green", "Red"]


def test_variants_that_answer_different_options_are_chosen_by_name(mug: Product, client: Client) -> None:
    VariantFactory(product=mug, title="Plain")
    page = see(client)
    assert "Choose one" in page
    assert list(chips(page))[1:] == ["red, large", "blue, small", "blue, large", "green, small", "Plain"]


def test_a_lone_variant_leaves_nothing_to_choose(client: Client) -> None:
    made(ProductFactory(slug="mug"), colour="red")
    assert chips(see(client)) == {}


def test_the_picture_follows_the_variant_and_every_picture_can_be_seen(mug: Product, client: Client) -> None:
    front, back = PictureFactory(product=mug, alt="Front"), PictureFactory(product=mug, alt="Back")
    Product.objects.update(cover=front)
    Variant.objects.filter(title="blue, small").update(picture=back)
    assert client.get("/p/mug/").context["seen"] == front
    assert client.get("/p/mug/?colour=blue&size=small").context["seen"] == back
    assert client.get(f"/p/mug/?colour=blue&size=small&picture={front.pk}").context["seen"] == front
    assert client.get(f"/p/mug/?picture={PictureFactory().pk}").context["seen"] == front


def test_a_page_takes_as_many_queries_for_thirty_variants_as_for_two(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    mug = ProductFactory(slug="mug")
    for colour in "red blue green black white".split():
        for size in "xs s m l xl xxl".split():
            made(mug, colour=colour, size=size)
    PictureFactory.create_batch(3, product=mug)
    with django_assert_max_num_queries(10):
        assert len(chips(see(client))) == 11
    with django_assert_max_num_queries(3):
        see(client)


def test_what_is_not_published_is_not_sold_and_its_page_shows_the_way_on(mug: Product, client: Client) -> None:
    beside = VariantFactory(product__category=mug.category).product
    sku = Variant.objects.get(title="red, large").sku
    client.post("/cart/add/", {"sku": sku, "quantity": 1})
    Product.objects.filter(pk=mug.pk).update(published=False)
    answer = client.get("/p/mug/")
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "We no longer sell this" in page
    assert mug.category.get_absolute_url() in page
    assert beside.get_absolute_url() in page
    assert "Put in the cart" not in page
    assert not any("/p/mug/" in client.get(path).content.decode() for path in ["/", mug.category.get_absolute_url()])
    assert "longer sold" in client.get("/cart/").content.decode().replace("No", "no")
