"""A catalogue to look at: what lies in `demo/`, loaded as if staff had typed it."""

import csv
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from shop.catalogue import stock
from shop.catalogue.models import Category, Product, Stock, StockMovement, Variant
from shop.catalogue.pictures.encoding import Family, encoded
from shop.catalogue.pictures.hanging import choose_cover, hang
from shop.catalogue.pricing import set_price
from shop.catalogue.renewal import renew

FOLDER = Path(__file__).parent / "demo"
DELIVERY_NOTE = "demo catalogue"
Row = dict[str, str]
Track = Callable[[list[Row]], Iterable[Row]]


def is_empty() -> bool:
    """Nothing is for sale yet."""
    return not Product.objects.exists()


@transaction.atomic
def load(folder: Path = FOLDER, track: Track = iter) -> int:
    """Puts every product of `folder` on its shelf, all or none, and returns how many. A second run adds nothing."""
    shelves = _load_categories(_rows(folder / "categories.csv"))
    rows = _rows(folder / "products.csv")
    products = set()
    for row in track(rows):
        variant = _load_product(row, shelves[row["category"]], folder / "pictures")
        _load_stock(variant, int(row["stock"]))
        products.add(variant.product_id)
    renew(products)
    return len(rows)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _load_categories(rows: list[Row]) -> dict[str, Category]:
    return {row["slug"]: _load_category(row, position) for position, row in enumerate(rows, start=1)}


def _load_category(row: Row, position: int) -> Category:
    words = {"title": row["title"], "title_zh": row["title_zh"], "tint": int(row["tint"]), "position": position}
    return Category.objects.update_or_create(slug=row["slug"], defaults=words)[0]


def _load_product(row: Row, shelf: Category, pictures: Path) -> Variant:
    known = Variant.objects.filter(sku=row["sku"]).select_related("product").first()
    product = known.product if known else Product(slug=_free_slug(row))
    product.title, product.description, product.category = row["title"], row["description"], shelf
    product.save()
    hang(product, _encoded(pictures / row["picture"]))
    choose_cover(product)
    price = Decimal(row["price"])
    variant = Variant.objects.update_or_create(
        sku=row["sku"], defaults={"product": product}, create_defaults={"product": product, "price": price}
    )[0]
    set_price(variant, price, now=timezone.now())
    return variant


@cache
def _encoded(source: Path) -> Family:
    """Once however many products share it."""
    with source.open("rb") as file:
        return encoded(file)


def _free_slug(row: Row) -> str:
    slug = slugify(row["title"])[:100]
    taken = not slug or Product.objects.filter(slug=slug).exists()
    return slugify(f"{slug} {row['sku']}") if taken else slug


def _load_stock(variant: Variant, pieces: int) -> None:
    row, _created = Stock.objects.get_or_create(variant=variant)
    came_in = StockMovement.objects.filter(stock=row, kind=StockMovement.Kind.RECEIVED, reference=DELIVERY_NOTE)
    if pieces and not came_in.exists():
        stock.receive({variant.sku: pieces}, DELIVERY_NOTE)
