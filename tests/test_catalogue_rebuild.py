"""`rebuild_search` beside a shop that goes on: nobody waits for it, and nobody's change is lost to it."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from django.db import connection, transaction

from shop.catalogue.edition import current
from shop.catalogue.models import Category, Product
from shop.catalogue.renewal import BATCH, rebuild, renew
from shop.catalogue.search.finding import find
from tests.at_once import PATIENCE, at_once
from tests.factories import ProductFactory, VariantFactory
from tests.shopping import placed_order

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def meanwhile(deed: Callable[[], object], after: int | None = None) -> Callable[[list[int]], Iterator[int]]:
    """A track along which another hand does the deed: after so many products, or when all are through."""

    def track(keys: list[int]) -> Iterator[int]:
        yield from keys[:after]
        (failure,) = at_once(deed)
        assert failure is None, failure
        yield from keys[len(keys) if after is None else after :]

    return track


def retitle(product: Product, title: str) -> None:
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(title=title)
        renew([product.pk])


def test_an_order_is_placed_between_two_batches_of_a_rebuild() -> None:
    ProductFactory.create_batch(BATCH + 1)
    lantern = VariantFactory()

    def order() -> None:
        placed_order(variant=lantern)

    assert rebuild(meanwhile(order, after=BATCH)) == BATCH + 2
    lantern.stock.refresh_from_db()
    assert lantern.stock.reserved == 1


def test_a_product_that_is_saved_during_a_rebuild_keeps_its_newest_words() -> None:
    product = ProductFactory(title="Paper lantern")
    rebuild()
    Product.objects.update(title="Paper moon")  # so that the vocabulary's lantern is stale, until it is learnt anew
    rebuild(meanwhile(lambda: retitle(product, "Tin lantern")))
    assert find(current(), "lantern").products == (product.pk,)
    assert find(current(), "lantren").instead == "lantern"


def test_a_category_that_is_renamed_during_a_rebuild_is_found_by_its_new_name() -> None:
    products = ProductFactory.create_batch(BATCH + 1, category__title="Lamps")
    shelf = products[-1].category

    def rename() -> None:
        with transaction.atomic():
            Category.objects.filter(pk=shelf.pk).update(title="Candles")
            renew([products[-1].pk])

    rebuild(meanwhile(rename, after=BATCH))
    assert find(current(), "candles").products == (products[-1].pk,)


def test_a_word_that_is_just_being_learnt_is_not_forgotten() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: nothing is just being learnt")
    product = ProductFactory(title="Paper lantern")
    rebuild()
    Product.objects.update(title="Paper moon")
    passed, learnt = Event(), Event()

    def track(keys: list[int]) -> Iterator[int]:
        yield from keys
        passed.set()
        assert learnt.wait(PATIENCE)

    def save_slowly() -> None:
        assert passed.wait(PATIENCE)
        with transaction.atomic():
            retitle(product, "Tin lantern")
            learnt.set()
            time.sleep(0.5)  # the rebuild wants to forget the word by now

    def rebuild_meanwhile() -> None:
        rebuild(track)

    assert at_once(save_slowly, rebuild_meanwhile) == [None, None]
    assert find(current(), "lantren").instead == "lantern"
