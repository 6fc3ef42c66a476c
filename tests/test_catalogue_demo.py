"""The demo catalogue: all of it or none, once, and never in production."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from shop.catalogue import demo_catalogue
from shop.catalogue.edition import current
from shop.catalogue.models import (
    Category,
    Option,
    OptionValue,
    Picture,
    PricePoint,
    Product,
    Stock,
    StockMovement,
    Variant,
)
from shop.catalogue.tree import Tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


PRODUCTS = """sku,title,title_zh,description,description_zh,category,price,stock,weight_g,pictures
A1,Owl,猫头鹰,Hoots.,会叫。,birds,2.95,7,120,owl.webp
A2,Owl,,Hoots too.,,birds,3.5,0,0,owl.webp
A3,Mug,杯子,Holds tea.,装茶。,toys,4,0,0,owl.webp bat.webp
"""
TABLES = {
    "categories.csv": """slug,title,title_zh,tint,parent,description,description_zh
toys,Toys,玩具,5,,,
birds,Birds,鸟,5,toys,,
""",
    "products.csv": PRODUCTS,
    "options.csv": """option,option_name,option_name_zh,value,value_name,value_name_zh
colour,Colour,颜色,red,Red,红色
colour,Colour,颜色,blue,Blue,蓝色
""",
    "variants.csv": """product,sku,values,price,stock,weight_g,picture
A3,A3,colour=red,4,5,300,owl.webp
A3,A3-BLUE,colour=blue,5,0,300,bat.webp
""",
    "prices.csv": "sku,days_ago,price,regular_price\nA1,60,4,\nA1,20,3.5,\nA1,5,2.95,4\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    for name, colour in {"owl": "brown", "bat": "black"}.items():
        Image.new("RGBA", (256, 256), colour).save(tmp_path / "pictures" / f"{name}.webp")
    for name, table in TABLES.items():
        (tmp_path / name).write_text(table, encoding="utf-8")
    return tmp_path


def test_every_row_becomes_a_product_with_its_stock_and_picture(folder: Path) -> None:
    assert demo_catalogue.load(folder) == 3
    owl = Variant.objects.get(sku="A1")
    assert (owl.stock.on_hand, str(owl.price), owl.weight_g, owl.product.slug) == (7, "2.950", 120, "owl")
    assert (owl.product.title_zh, owl.product.description_zh) == ("猫头鹰", "会叫。")
    assert owl.product.cover
    assert (owl.product.cover.width, owl.product.cover.widths) == (256, [160, 256])
    assert Variant.objects.get(sku="A2").product.slug == "owl-a2"
    assert [category.slug for category in Tree.read().path(owl.product.category_id)] == ["toys", "birds"]


def test_variants_are_told_apart_by_their_options_with_stock_and_picture_of_their_own(folder: Path) -> None:
    demo_catalogue.load(folder)
    red, blue = Product.objects.get(title="Mug").variants.order_by("position")
    assert [(v.title, v.title_zh, v.stock.on_hand) for v in (red, blue)] == [("Red", "红色", 5), ("Blue", "蓝色", 0)]
    assert list(red.product.pictures.all()) == [red.picture, blue.picture]


def test_a_price_comes_with_its_past(folder: Path) -> None:
    demo_catalogue.load(folder)
    owl = Variant.objects.get(sku="A1")
    assert [str(point.price) for point in owl.price_points.order_by("at")] == ["4.000", "3.500", "2.950"]
    assert (owl.on_sale, owl.lowest_price_30_days) == (True, Decimal("3.5"))


def test_products_share_one_copy_of_a_picture(folder: Path) -> None:
    demo_catalogue.load(folder)
    assert len(default_storage.listdir("pictures")[1]) == 2 * 2


def everything() -> list[list[object]]:
    models = [Category, Product, Variant, Stock, StockMovement, Option, OptionValue, Picture, PricePoint]
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_second_load_changes_nothing(folder: Path) -> None:
    demo_catalogue.load(folder)
    before = everything()
    demo_catalogue.load(folder)
    assert everything() == before
    assert len(default_storage.listdir("pictures")[1]) == 2 * 2


def test_a_bad_row_leaves_nothing_behind(folder: Path) -> None:
    with (folder / "products.csv").open("a", encoding="utf-8") as file:
        file.write("A4,Bad,,Bad.,,toys,no-price,1,0,owl.webp\n")
    with pytest.raises(ArithmeticError):
        demo_catalogue.load(folder)
    assert not Category.objects.exists()


def test_the_shops_own_demo_catalogue_looks_alive() -> None:
    assert demo_catalogue.load() == Product.objects.count() >= 90
    assert not Product.objects.filter(cover=None).exists()
    assert not Product.objects.filter(title_zh="").exists()
    assert not Product.objects.filter(description_zh="").exists()
    assert not Variant.objects.filter(weight_g=0).exists()
    assert not Category.objects.filter(title_zh="").exists()
    tree = Tree.of_goods(current())
    assert [2 <= len(tree.children(root.pk)) <= 4 for root in tree.roots] == [True] * 6
    assert not Product.objects.filter(category__parent=None).exists()
    cards = Product.objects.published()
    assert sum(product.variants.count() > 1 for product in cards) >= 12
    assert sum(product.price_from < product.regular_from for product in cards) >= 8
    assert {0, 3} <= {variant.stock.available for variant in Variant.objects.select_related("stock")}


def test_every_page_of_the_demo_shop_opens_one_in_english_the_next_in_chinese(client: Client) -> None:
    demo_catalogue.load()
    for place, page in enumerate([*Product.objects.all(), *Category.objects.all()]):
        wanted = {"accept-language": ["en", "zh-hans"][place % 2]}
        assert client.get(page.get_absolute_url(), headers=wanted).status_code == 200


def test_production_refuses_the_demo_catalogue(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("load_demo_catalogue")
    assert not Product.objects.exists()


def test_a_shop_with_products_is_left_alone_without_a_word(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo_catalogue.load(folder)
    said = io.StringIO()
    call_command("load_demo_catalogue", "--if-empty", stdout=said)
    assert said.getvalue() + "".join(capsys.readouterr()) == ""
    assert Product.objects.count() == 3
