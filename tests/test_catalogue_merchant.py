"""A merchant puts goods on sale: variants, prices and pictures on one page, and every mistake is answered in words."""

import io
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from shop.catalogue.models import Option, OptionValue, Picture, Product, Variant
from shop.catalogue.naming import name_by_values
from shop.catalogue.pictures.encoding import MAX_BYTES, Family, encoded
from tests.factories import CategoryFactory, OptionValueFactory, PictureFactory, ProductFactory, VariantFactory, made
from tests.page_forms import as_shown

pytestmark = pytest.mark.django_db
ADD = "/admin/catalogue/product/add/"


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def colours() -> list[OptionValue]:
    names = {"red": "红", "blue": "蓝"}
    return [OptionValueFactory(option__slug="colour", slug=slug, name_zh=names[slug]) for slug in names]


def upload(name: str, colour: str = "red") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def fields(*variants: dict[str, object], product: Product | None = None, **about: object) -> dict[str, object]:
    """The product's form as a browser sends it, with these rows of variants."""
    shown = {"title": "Owl", "slug": "owl", "tax_class": "standard", "published": "on"}
    if product:
        shown |= {"title": product.title, "slug": product.slug}
    shelf = product.category if product else CategoryFactory()
    usual = {"weight_g": 0, "position": 0, "price": "2.95"}
    sold = [usual | {"sku": f"A{place}"} | row for place, row in enumerate(variants)]
    hung = [
        {"id": picture.pk, "product": picture.product_id, "position": picture.position, "alt": "", "alt_zh": ""}
        for picture in (product.pictures.all() if product else [])
    ]
    return shown | {"category": shelf.pk} | formset("variants", sold) | formset("pictures", hung) | about


def formset(name: str, rows: list[dict[str, object]]) -> dict[str, object]:
    """Rows as a browser sends them; those with an id are known already."""
    counts = {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": sum("id" in row for row in rows)}
    return counts | {f"{name}-{place}-{key}": value for place, row in enumerate(rows) for key, value in row.items()}


def row_of(variant: Variant, **told: object) -> dict[str, object]:
    return {"id": variant.pk, "product": variant.product.pk, "sku": variant.sku} | told


def refused(client: Client, sent: dict[str, object], address: str = ADD) -> str:
    """The page that comes back: with the mistake beside its field, and nothing written."""
    before = list(Variant.objects.values()), list(Product.objects.values()), Picture.objects.count()
    answer = client.post(address, sent)
    assert answer.status_code == 200
    assert before == (list(Variant.objects.values()), list(Product.objects.values()), Picture.objects.count())
    return answer.content.decode()


def accepted(client: Client, sent: dict[str, object], address: str = ADD) -> None:
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.context["errors"]


def address_of(product: Product) -> str:
    return f"/admin/catalogue/product/{product.pk}/change/"


def test_a_product_with_variants_prices_and_pictures_is_one_form(
    admin_client: Client, colours: list[OptionValue]
) -> None:
    red, blue = colours
    rows = [{"sku": "R", "values_0": red.pk, "price": "8", "regular_price": "10"}, {"sku": "B", "values_0": blue.pk}]
    accepted(admin_client, fields(*rows, new_pictures=[upload("front.jpg"), upload("back.jpg", "blue")]))
    product = Product.objects.get()
    assert {v.sku: (v.title, v.title_zh, v.stock.on_hand) for v in product.variants.all()} == {
        "R": ("Red", "红", 0),
        "B": ("Blue", "蓝", 0),
    }
    assert [(picture.width, picture.position) for picture in product.pictures.all()] == [(400, 1), (400, 2)]
    assert product.cover == product.pictures.first()
    assert [str(point.price) for point in product.variants.get(sku="R").price_points.all()] == ["8.000"]


def test_a_form_sent_back_as_it_was_shown_changes_nothing(admin_client: Client) -> None:
    variant = made(ProductFactory(), colour="red", size="large")
    Variant.objects.update(picture=PictureFactory(product=variant.product), regular_price=Decimal(9))
    name_by_values(Variant.objects.all())
    before = list(Variant.objects.values()), list(variant.values.order_by("pk"))
    address = address_of(variant.product)
    accepted(admin_client, as_shown(admin_client.get(address).content.decode()), address)
    assert (list(Variant.objects.values()), list(variant.values.order_by("pk"))) == before
    assert not variant.price_points.exists()


def test_a_reduction_made_in_the_admin_names_the_price_before(admin_client: Client) -> None:
    accepted(admin_client, fields({"sku": "A", "price": "10"}))
    variant = Variant.objects.get()
    row = row_of(variant, price="8", regular_price="10")
    accepted(admin_client, fields(row, product=variant.product), address_of(variant.product))
    variant.refresh_from_db()
    assert (variant.price, variant.regular_price, variant.lowest_price_30_days) == (8, 10, 10)


def test_a_form_opened_before_anothers_price_change_does_not_undo_it(admin_client: Client) -> None:
    variant = VariantFactory(price=Decimal(8))
    stale = {"initial-variants-0-price": "10", "initial-variants-0-regular_price": ""}
    sent = fields(row_of(variant, price="10"), product=variant.product, title="Barn owl") | stale
    accepted(admin_client, sent, address_of(variant.product))
    assert [(v.price, v.product.title) for v in Variant.objects.all()] == [(8, "Barn owl")]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"sku": "TAKEN"}], "This sku is taken"),
        ([{"sku": "A"}, {"sku": "A"}], "duplicate"),
        ([{"sku": ""}], "required"),
        ([{"price": "2.955"}], "too many decimals"),
        ([{"regular_price": "9.999"}], "too many decimals"),
        ([{"price": "8", "regular_price": "7"}], "never below the price"),
        ([{"price": "-1"}], "Nobody can pay a negative price"),
        ([{"price": "dear"}], "Enter a number"),
        ([{"price": "1e12"}], "no more than"),
        ([{"weight_g": "-5"}], "greater than or equal to 0"),
        ([{"values_0": "red"}, {"values_0": "red"}], "has these options"),
        ([{"values_0": "red"}, {}], "answer the same options"),
        ([{"values_0": "red", "picture": "other"}], "not one of the available choices"),
        ([{"values_0": "999999"}], "not one of the available choices"),
    ],
)
def test_a_mistake_is_named_beside_its_field(
    admin_client: Client, colours: list[OptionValue], rows: list[dict[str, object]], words: str
) -> None:
    VariantFactory(sku="TAKEN")
    keys = {"red": colours[0].pk, "other": PictureFactory().pk}
    told = [{name: keys.get(str(value), value) for name, value in row.items()} for row in rows]
    assert words in refused(admin_client, fields(*told))


def test_what_is_no_picture_is_named_and_the_typed_words_stay(admin_client: Client) -> None:
    letter = SimpleUploadedFile("letter.jpg", b"Dear sir", "image/jpeg")
    page = refused(admin_client, fields({}, title="Barn owl", new_pictures=[upload("good.jpg"), letter]))
    assert "letter.jpg: This is no picture" in page
    assert "choose the pictures once more" in page
    assert 'value="Barn owl"' in page


@pytest.mark.django_db(transaction=True)
def test_no_writer_waits_while_a_picture_is_read(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []

    def read(file: IO[bytes]) -> Family:
        inside.append(connection.in_atomic_block)
        return encoded(file)

    monkeypatch.setattr("shop.catalogue.pictures.uploading.encoded", read)
    accepted(admin_client, fields({}, new_pictures=[upload("a.jpg")]))
    assert inside == [False]


def test_thirty_megabytes_are_refused_in_words_and_never_kept(admin_client: Client) -> None:
    large = SimpleUploadedFile("large.jpg", b"\xff\xd8\xff\xe0" + bytes(30 * 2**20), "image/jpeg")
    assert "large.jpg: This file is larger than 20 MB" in refused(admin_client, fields({}, new_pictures=[large]))


def test_of_an_upload_beyond_the_cap_no_more_is_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can send a large file to any address: it is read on its way to the view."""
    kept: list[int] = []
    keeper = "django.core.files.uploadhandler.TemporaryUploadedFile.write"
    monkeypatch.setattr(keeper, lambda _file, raw: kept.append(len(raw)), raising=False)
    client.post("/cart/add/", {"sku": "x", "file": SimpleUploadedFile("large.jpg", bytes(30 * 2**20))})
    assert MAX_BYTES < sum(kept) < MAX_BYTES + 2**20


def test_the_first_picture_in_place_is_the_cover_and_a_new_one_hangs_behind(admin_client: Client) -> None:
    product = VariantFactory().product

    def save(**told: object) -> None:
        row = row_of(product.variants.get())
        accepted(admin_client, fields(row, product=product) | told, address_of(product))
        product.refresh_from_db()

    save(new_pictures=[upload("a.jpg"), upload("b.jpg", "blue")])
    first, second = product.pictures.all()
    assert product.cover == first
    save(**{"pictures-0-position": 9})
    assert product.cover == second
    save(**{"pictures-0-DELETE": "on"})
    assert (list(product.pictures.all()), product.cover) == ([first], first)


def test_a_variants_picture_is_one_of_its_products_own(admin_client: Client) -> None:
    variant = VariantFactory()
    own, other = PictureFactory(product=variant.product), PictureFactory()
    address = address_of(variant.product)
    accepted(admin_client, fields(row_of(variant, picture=own.pk), product=variant.product), address)
    assert Variant.objects.get().picture == own
    page = refused(admin_client, fields(row_of(variant, picture=other.pk), product=variant.product), address)
    assert "not one of the available choices" in page


def test_a_new_name_of_a_value_is_the_name_of_its_variants(admin_client: Client) -> None:
    variant = made(ProductFactory(), colour="red", size="large")
    red = OptionValue.objects.get(slug="red")
    row = {"id": red.pk, "option": red.option.pk, "name": "Crimson", "name_zh": "", "slug": "red", "position": 0}
    sent = {"name": "Colour", "slug": "colour", "position": 0} | formset("values", [row])
    accepted(admin_client, sent, f"/admin/catalogue/option/{red.option.pk}/change/")
    variant.refresh_from_db()
    assert variant.title == "Crimson, Large"


@pytest.mark.parametrize(
    "rights", ["view_product", "view_product view_variant view_picture", "change_product view_variant"]
)
def test_who_may_only_look_sees_the_product_and_changes_no_variant(client: Client, rights: str) -> None:
    variant = made(ProductFactory(), colour="red")
    PictureFactory(product=variant.product)
    name_by_values(Variant.objects.all())
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights.split()))
    client.force_login(clerk)
    address = address_of(variant.product)
    before = list(Variant.objects.values())
    assert client.get(address).status_code == 200
    sent = fields(row_of(variant, price="1"), product=variant.product, new_pictures=[upload("a.jpg")])
    client.post(address, sent)
    assert list(Variant.objects.values()) == before


def test_a_value_that_variants_have_is_not_taken_from_under_them(admin_client: Client) -> None:
    variant = made(ProductFactory(), colour="red")
    red = OptionValue.objects.get()
    address = f"/admin/catalogue/option/{red.option.pk}/"
    sent = as_shown(admin_client.get(f"{address}change/").content.decode()) | {"values-0-DELETE": "on"}
    assert "1 variant is Red" in admin_client.post(f"{address}change/", sent).content.decode()
    assert admin_client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": red.option.pk, "post": "yes"}
    admin_client.post("/admin/catalogue/option/", action)
    assert list(variant.values.all()) == [red]
    variant.values.clear()
    accepted(admin_client, sent, f"{address}change/")
    assert not OptionValue.objects.exists()


@pytest.mark.parametrize("slug", ["page", "sort", "q", "in_stock"])
def test_an_option_never_takes_a_word_of_the_pages_own(admin_client: Client, slug: str) -> None:
    sent = {"name": "X", "slug": slug, "position": 0} | formset("values", [])
    assert "choose another" in admin_client.post("/admin/catalogue/option/add/", sent).content.decode()
    assert not Option.objects.exists()


def test_the_list_of_categories_and_their_choice_stand_as_a_tree(admin_client: Client) -> None:
    home = CategoryFactory(title="House", position=2)
    CategoryFactory(title="Cups", parent=home)
    CategoryFactory(title="Toys", position=1)
    rows = admin_client.get("/admin/catalogue/category/").context["cl"].result_list
    assert [(row.depth, row.title) for row in rows] == [(0, "Toys"), (0, "House"), (1, "Cups")]
    choice = admin_client.get(ADD).content.decode()
    assert choice.index(">Toys<") < choice.index(">House<") < choice.index(">\u2003Cups<")


def test_the_list_counts_the_pieces_of_all_variants_also_when_a_sku_is_sought(admin_client: Client) -> None:
    first = VariantFactory(sku="FIRST", pieces=2)
    VariantFactory(product=first.product, pieces=5)
    rows = admin_client.get("/admin/catalogue/product/?q=FIRST").context["cl"].result_list
    assert [row.available for row in rows] == [7]
