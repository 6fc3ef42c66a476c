"""The demo catalogue: all of it or none, once, and never in production."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from shop.catalogue import demo_catalogue
from shop.catalogue.models import Category, Product, Stock, StockMovement, Variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    Image.new("RGBA", (256, 256)).save(tmp_path / "pictures" / "owl.webp")
    (tmp_path / "categories.csv").write_text("slug,title,title_zh,tint\ntoys,Toys,玩具,5\n", encoding="utf-8")
    heading = "sku,title,description,category,price,stock,picture\n"
    rows = "A1,Owl,Hoots.,toys,2.95,7,owl.webp\nA2,Owl,Hoots too.,toys,3.5,0,owl.webp\n"
    (tmp_path / "products.csv").write_text(heading + rows, encoding="utf-8")
    return tmp_path


def test_every_row_becomes_a_product_with_its_stock_and_picture(folder: Path) -> None:
    assert demo_catalogue.load(folder) == 2
    owl = Variant.objects.get(sku="A1")
    assert (owl.stock.on_hand, str(owl.price), owl.product.slug) == (7, "2.950", "owl")
    assert owl.product.cover
    assert (owl.product.cover.width, owl.product.cover.widths) == (256, [160, 256])
    assert Variant.objects.get(sku="A2").product.slug == "owl-a2"


def test_products_share_one_copy_of_a_picture(folder: Path) -> None:
    demo_catalogue.load(folder)
    assert len(default_storage.listdir("pictures")[1]) == 2


def test_a_second_load_changes_nothing(folder: Path) -> None:
    demo_catalogue.load(folder)
    demo_catalogue.load(folder)
    assert [model.objects.count() for model in (Category, Product, Variant, Stock, StockMovement)] == [1, 2, 2, 2, 1]
    assert Stock.objects.get(variant__sku="A1").on_hand == 7
    assert len(default_storage.listdir("pictures")[1]) == 2


def test_a_bad_row_leaves_nothing_behind(folder: Path) -> None:
    with (folder / "products.csv").open("a", encoding="utf-8") as file:
        file.write("A3,Bad,Bad.,toys,no-price,1,owl.webp\n")
    with pytest.raises(ArithmeticError):
        demo_catalogue.load(folder)
    assert not Category.objects.exists()


def test_the_shops_own_demo_catalogue_loads_and_each_product_has_a_picture() -> None:
    assert demo_catalogue.load() == Product.objects.count() >= 90
    assert not Product.objects.filter(cover=None).exists()
    assert Category.objects.exclude(title_zh="").count() == Category.objects.count()


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
    assert Product.objects.count() == 2
