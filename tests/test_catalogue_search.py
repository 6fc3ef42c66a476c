"""A shopper's words find the goods, whatever database the shop stands on and whatever the words are."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.test import Client

from shop.catalogue.edition import current
from shop.catalogue.models import Option, Product, SearchEntry, Spelling
from shop.catalogue.search.entries import renew
from shop.catalogue.search.finding import find
from tests.factories import CategoryFactory, OptionValueFactory, ProductFactory, VariantFactory

# InnoDB's full-text index shows only what is committed.
pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


STRANGE = [
    *[
        "",
        " ",
        '"',
        "'",
        '"lantern',
        "lantern*",
        "* lantern",
        "lantern NEAR paper",
        "NEAR(lantern paper)",
        "AND",
        "NOT x",
    ],
    *["lantern OR", "-lantern", "+lantern -paper", "title:lantern", "{title} : lantern", "lantern & | ! ( ) <-> :*"],
    *["@@ > < ~", "%", "%s %(x)s", "_", "\\", ";--", "a\x00b", "\x00", "\ud800", "x" * 10_000, "ab " * 3_000],
    *["灯" * 10_000, "🎁🎁 🏮", "שלום عالم", "\u202elantern\u202c", "1e5 0x1f 1.5.2 ½ ² Ⅳ", "ﷺ", "ß İ ı"],
    *["क्षत्रिय ไทย 한국어 かな", "w_ w_lantern", "<script>alert(1)</script>", "the", "a an and"],
]


def sold(title: str, sku: str = "", **about: object) -> Product:
    """A product that the search has learnt of."""
    product = ProductFactory(title=title, **about)
    VariantFactory(product=product, **{"sku": sku} if sku else {})
    with transaction.atomic():
        renew([product.pk])
    return product


def titles(words: str) -> list[str]:
    """What the search page would show for the words, in its order."""
    keys = find(current(), words).products
    known = Product.objects.in_bulk(keys)
    return [known[key].title for key in keys]


def test_search_finds_every_word_in_any_order_number_and_accent() -> None:
    sold("Red gingham teddy", sku="SKU-1", category=CategoryFactory(title="Toys"))
    sold("Blue car")
    asked = [
        "teddy red",
        "TEDDY",
        "teddies",
        "ted",
        "red gin",
        "Téddy",
        "SKU-1",
        "sku 1",
        "the red teddy",
        "ＴＥＤＤＹ",
    ]
    for words in [*asked, "toys", "toy gingham"]:
        assert titles(words) == ["Red gingham teddy"], words


def test_chinese_is_found_by_any_part_of_it() -> None:
    sold("Paper lantern", title_zh="红色灯笼", description_zh="纸做的,红纸灯。")
    sold("Tea pot", title_zh="茶壶")
    for words in ["灯笼", "红色", "色灯", "笼", "灯", "红色灯笼", "纸 灯笼", "红纸灯"]:
        assert titles(words) == ["Paper lantern"], words


def test_a_title_comes_before_a_category_and_a_category_before_a_description() -> None:
    sold("Night light", description="As bright as a lantern.")
    sold("Lamp", category=CategoryFactory(title="Lantern"))
    sold("Paper lantern")
    assert titles("lantern") == ["Paper lantern", "Lamp", "Night light"]


def test_who_types_a_sku_sees_its_product_first() -> None:
    sold("Lantern 22 for 4711, 4711 times", sku="A1")
    sold("Lantern", sku="4711")
    sold("Another 4711", sku="A2")
    assert titles("4711")[0] == "Lantern"


def test_a_whole_word_comes_before_one_that_begins_with_it() -> None:
    sold("Tea cup")
    sold("Teapot cup")
    assert titles("cup tea") == ["Tea cup", "Teapot cup"]


def test_a_slip_of_the_pen_is_forgiven_and_told() -> None:
    sold("Paper lantern")
    for words in ["lantren", "lanern", "lanntern", "lantarn", "paper lantrn", "papr lantrn"]:
        found = find(current(), words)
        assert len(found.products) == 1, words
        assert found.instead in {"lantern", "paper lantern"}


def test_a_word_that_is_merely_another_is_not_taken_for_a_slip() -> None:
    sold("Car")
    sold("Paper lantern")
    for words in ["cur", "dogs", "xylophone"]:
        assert titles(words) == []


def test_words_that_no_product_has_together_are_offered_one_by_one() -> None:
    sold("Paper lantern", title_zh="灯笼")
    sold("Tea pot")
    assert find(current(), "tea lantrn").near == ("tea", "lantern")
    assert find(current(), "灯笼 tea").near == ("灯笼", "tea")


def test_no_strange_words_break_the_search() -> None:
    sold("Paper lantern")
    for words in STRANGE:
        find(current(), words)


def test_operators_are_read_as_words() -> None:
    sold("Paper lantern")
    assert titles('"lantern" -paper*') == ["Paper lantern"]


def test_what_is_not_published_or_gone_is_not_found() -> None:
    kept, gone = sold("Paper lantern"), sold("Tin lantern")
    Product.objects.filter(pk=kept.pk).update(published=False)
    with transaction.atomic():
        renew([kept.pk])
    gone.delete()
    assert titles("lantern") == []
    assert titles(kept.variants.get().sku) == []
    assert not SearchEntry.objects.exists()


def test_a_changed_title_is_found_by_its_new_words_only() -> None:
    product = sold("Paper lantern")
    Product.objects.filter(pk=product.pk).update(title="Tea pot")
    with transaction.atomic():
        renew([product.pk])
    assert (titles("lantern"), titles("pot")) == ([], ["Tea pot"])


def test_what_is_rolled_back_is_not_found() -> None:
    product = sold("Paper lantern")
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(title="Tea pot")
        renew([product.pk])
        transaction.set_rollback(True)
    assert (titles("lantern"), titles("pot")) == (["Paper lantern"], [])


def test_entries_are_renewed_in_the_transaction_of_their_cause_only() -> None:
    with pytest.raises(TransactionManagementError):
        renew([])


def test_rebuild_search_learns_everything_and_forgets_words_that_are_gone() -> None:
    product = sold("Paper lantern")
    ProductFactory(title="Tea pot")
    ProductFactory(title="Hidden pot", published=False)
    Product.objects.filter(pk=product.pk).update(title="Paper moon")
    call_command("rebuild_search", verbosity=0)
    assert (titles("moon"), titles("pot"), titles("lantern")) == (["Paper moon"], ["Tea pot"], [])
    assert not Spelling.objects.filter(word="lantern").exists()


def test_what_staff_save_is_found_at_once(admin_client: Client) -> None:
    shelf = CategoryFactory(title="Lights", slug="lights")
    admin_client.post("/admin/catalogue/product/add/", product_fields(category=shelf.pk, title="Paper lantern"))
    assert titles("lantern light") == ["Paper lantern"]
    admin_client.post(f"/admin/catalogue/category/{shelf.pk}/change/", category_fields(title="Lamps"))
    assert (titles("lantern light"), titles("lantern lamp")) == ([], ["Paper lantern"])
    VariantFactory(product=Product.objects.get()).values.add(OptionValueFactory(slug="red", option__slug="colour"))
    admin_client.post(f"/admin/catalogue/option/{Option.objects.get().pk}/change/", option_fields(name="Hue"))
    assert titles("lantern red") == ["Paper lantern"]


def product_fields(category: int, title: str) -> dict[str, object]:
    """What staff send for a new product with one variant."""
    rows = {"sku": "A1", "price": "2.95", "weight_g": 0, "position": 0}
    about = {"title": title, "slug": "lantern", "category": category, "tax_class": "standard", "published": "on"}
    formset = {"variants-TOTAL_FORMS": 1, "variants-INITIAL_FORMS": 0}
    formset |= {"pictures-TOTAL_FORMS": 0, "pictures-INITIAL_FORMS": 0}
    return about | formset | {f"variants-0-{name}": value for name, value in rows.items()}


def category_fields(title: str) -> dict[str, object]:
    return {"title": title, "slug": "lights", "tint": 1, "position": 0}


def option_fields(name: str) -> dict[str, object]:
    formset = {"values-TOTAL_FORMS": 0, "values-INITIAL_FORMS": 0}
    return {"name": name, "slug": "colour", "position": 0} | formset
