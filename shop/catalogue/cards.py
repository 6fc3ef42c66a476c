"""What a product's card shows, as plain values: a card that says the same is rendered once and remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from shop.catalogue.models import Picture, Product
from shop.catalogue.pieces import Left, left_of
from shop.catalogue.prepared import Prepared
from shop.catalogue.remembered import Remembered

FEW = 5  # so many or fewer are told by their number
MOST_KEPT = 20_000  # of half a kB each
FIELDS = """pk slug title title_zh category__tint price_from price_to regular_from lowest_price_30_days
    cover__file cover__width cover__height cover__transparent""".split()
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Card:
    """`left` counts no further than FEW + 1; the prices are None where nothing is for sale."""

    key: int
    slug: str
    title: str
    tint: int
    price_from: Decimal | None
    price_to: Decimal | None
    regular_from: Decimal | None
    lowest_price_30_days: Decimal | None
    file: str | None
    width: int
    height: int
    transparent: int
    left: int

    @property
    def url(self) -> str:
        return reverse("product", args=[self.slug])

    @property
    def on_sale(self) -> bool:
        return self.price_from is not None and self.regular_from is not None and self.price_from < self.regular_from

    @property
    def cover(self) -> Picture | None:
        shape = {"width": self.width, "height": self.height, "transparent": bool(self.transparent)}
        return Picture(file=self.file, **shape) if self.file else None


def cards(edition: int, keys: Sequence[int], left: Left | None = None) -> tuple[Card, ...]:
    """Of the published products among the keys, in their order; a query for what is `left` of them, unless the caller
    has asked, and one more for those that nobody has seen in this edition."""
    pieces, chinese = (left or left_of(keys)).of_product, (get_language() or "").startswith("zh")
    rows = _rows(edition, keys)
    return tuple(_card(rows[key], chinese, max(0, min(pieces.get(key, 0), FEW + 1))) for key in keys if key in rows)


def _card(row: Row, chinese: bool, left: int) -> Card:
    key, slug, title, title_zh, tint, low, high, regular, lowest, file, width, height, transparent = row
    name = title_zh if chinese and title_zh else title
    shape = (file, width or 0, height or 0, int(transparent or 0))
    return Card(key, slug, name, tint, low, high, regular, lowest, *shape, left)


def _read(keys: Sequence[int]) -> dict[int, Row]:
    return {row[0]: row for row in _published(keys)}


@Prepared
def _published(keys: Sequence[int]) -> QuerySet[Product, Row]:
    return Product.objects.published().filter(pk__in=keys).order_by().values_list(*FIELDS)


_rows = Remembered(MOST_KEPT, _read)
