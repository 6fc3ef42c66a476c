"""A catalogue to look at: what lies in `demo/`, loaded as if staff had typed it over the last months."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from shop.catalogue import naming, stock
from shop.catalogue.models import Category, Option, OptionValue, Product, Stock, StockMovement, Variant
from shop.catalogue.pictures.encoding import Family, encoded
from shop.catalogue.pictures.hanging import choose_cover, hang
from shop.catalogue.pricing import set_price
from shop.catalogue.renewal import renew

FOLDER = Path(__file__).parent / "demo"
DELIVERY_NOTE = "demo catalogue"
WORDS = ("title", "title_zh", "description", "description_zh")
Row = dict[str, str]
Track = Callable[[list[Row]], Iterable[Row]]


def is_empty() -> bool:
    """Nothing is for sale yet."""
    return not Product.objects.exists()


def load(folder: Path = FOLDER, track: Track = iter) -> int:
    """Puts every product of `folder` on its shelf, all or none, and returns how many. A second run adds nothing."""
    with transaction.atomic():
        return _Loading(folder, timezone.now()).run(track)


class _Loading:
    """One load: the tables of `folder`, those of variants, prices and options by what they belong to."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._pictures, self._now = folder / "pictures", now
        self._categories, self._products = _rows(folder / "categories.csv"), _rows(folder / "products.csv")
        self._options = _rows(folder / "options.csv")
        self._variants = _by(_rows(folder / "variants.csv"), "product")
        self._prices = _by(_rows(folder / "prices.csv"), "sku")

    def run(self, track: Track) -> int:
        self._shelves = self._load_categories()
        self._values = self._load_options()
        renew([self._load_product(row).pk for row in track(self._products)])
        return len(self._products)

    def _load_categories(self) -> dict[str, Category]:
        """Parents stand before their children."""
        shelves: dict[str, Category] = {}
        for position, row in enumerate(self._categories, start=1):
            place = {"parent": shelves.get(row["parent"]), "position": position, "tint": int(row["tint"])}
            words = {name: row[name] for name in WORDS}
            shelves[row["slug"]] = Category.objects.update_or_create(slug=row["slug"], defaults=place | words)[0]
        return shelves

    def _load_options(self) -> dict[str, OptionValue]:
        """Each value under `option=value`, as the variants name it."""
        return {f"{row['option']}={row['value']}": _load_value(row, place) for place, row in enumerate(self._options)}

    def _load_product(self, row: Row) -> Product:
        known = Variant.objects.filter(sku=row["sku"]).select_related("product").first()
        product = known.product if known else Product(slug=_free_slug(row))
        product.category = self._shelves[row["category"]]
        for name in WORDS:
            setattr(product, name, row[name])
        product.save()
        for picture in row["pictures"].split():
            hang(product, _encoded(self._pictures / picture))
        choose_cover(product)
        for place, told in enumerate(self._variants.get(row["sku"], [row])):
            self._load_variant(product, told, place)
        naming.name_by_values(product.variants.all())
        return product

    def _load_variant(self, product: Product, row: Row, position: int) -> None:
        pictured = row.get("picture") and hang(product, _encoded(self._pictures / row["picture"]))
        about = {
            "product": product,
            "position": position,
            "weight_g": int(row["weight_g"]),
            "picture": pictured or None,
        }
        price = Decimal(row["price"])
        variant, new = Variant.objects.update_or_create(
            sku=row["sku"], defaults=about, create_defaults=about | {"price": price}
        )
        variant.values.set([self._values[words] for words in row.get("values", "").split()])
        self._load_prices(variant, price, new)
        _load_stock(variant, int(row["stock"]))

    def _load_prices(self, variant: Variant, price: Decimal, new: bool) -> None:
        """A new variant gets its past with it; one that is there already costs what the last of its rows says."""
        told = self._prices.get(variant.sku, [{"days_ago": "0", "price": str(price), "regular_price": ""}])
        for row in told if new else told[-1:]:
            regular = Decimal(row["regular_price"]) if row["regular_price"] else None
            at = self._now - timedelta(days=int(row["days_ago"])) if new else self._now
            set_price(variant, Decimal(row["price"]), regular, now=at)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by(rows: list[Row], name: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[name]].append(row)
    return dict(grouped)


def _load_value(row: Row, position: int) -> OptionValue:
    words = {"name": row["option_name"], "name_zh": row["option_name_zh"]}
    option, _new = Option.objects.update_or_create(slug=row["option"], defaults=words)
    about = {"name": row["value_name"], "name_zh": row["value_name_zh"], "position": position}
    return OptionValue.objects.update_or_create(option=option, slug=row["value"], defaults=about)[0]


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
