"""A shop of before the tree, the variants and the re-encoded pictures keeps its goods."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from PIL import Image

from shop.catalogue.models import PricePoint, Product

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]
BEFORE = [("catalogue", "0001_initial")]


@pytest.fixture
def old_apps(settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "products").mkdir()
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    migrate_on()


def migrate_on() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_the_picture_becomes_the_cover_and_the_price_its_own_history(old_apps: Any, tmp_path: Path) -> None:
    Image.new("RGB", (700, 350), "red").save(tmp_path / "products" / "owl.png")
    (tmp_path / "products" / "broken.png").write_text("no picture")
    shelf = old_apps.get_model("catalogue", "Category").objects.create(slug="toys", title="Toys")
    old = old_apps.get_model("catalogue", "Product").objects
    for slug, picture in {
        "owl": "products/owl.png",
        "broken": "products/broken.png",
        "lost": "gone.png",
        "none": "",
    }.items():
        product = old.create(slug=slug, title=slug, category=shelf, picture=picture)
    old_apps.get_model("catalogue", "Variant").objects.create(product=product, sku="A", price=Decimal("2.95"))
    migrate_on()
    covers = {product.slug: product.cover for product in Product.objects.select_related("cover")}
    assert {slug: bool(cover) for slug, cover in covers.items()} == {
        "owl": True,
        "broken": False,
        "lost": False,
        "none": False,
    }
    assert (covers["owl"].width, covers["owl"].height, covers["owl"].widths) == (700, 350, [160, 320, 640, 700])
    assert all((tmp_path / f"{covers['owl'].file}-{width}.webp").exists() for width in covers["owl"].widths)
    assert [(point.variant.sku, point.price) for point in PricePoint.objects.all()] == [("A", Decimal("2.95"))]
