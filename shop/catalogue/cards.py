"""What a product's card shows, as plain values: a card that says the same is rendered once and remembered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from shop.catalogue.models import Picture, Product
from shop.catalogue.pieces import left_of
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


def cards(edition: int, keys: Sequence[int], left: Mapping[int, int] | None = None) -> tuple[Card, ...]:
    """Of the published products among the keys, in their order; a query for what is `left` of their variants, unless
    the caller has asked, and one more for those that nobody has seen in this edition."""
    left = left_of(variants_of(edition, keys)) if left is None else left
    chinese, known = (get_language() or "").startswith("zh"), _known(edition, keys)
    return tuple(_card(known[key], chinese, left) for key in keys if key in known)


def variants_of(edition: int, keys: Sequence[int]) -> list[int]:
    """Keys of all variants of the published products among the keys."""
    return [variant for known in _known(edition, keys).values() for variant in known.variants]


@dataclass(frozen=True)
class Known:
    """What the catalogue says of a product for its card."""

    row: Row
    variants: tuple[int, ...]


def _card(known: Known, chinese: bool, left: Mapping[int, int]) -> Card:
    key, slug, title, title_zh, tint, low, high, regular, lowest, file, width, height, transparent = known.row
    name, pieces = title_zh if chinese and title_zh else title, sum(left.get(key, 0) for key in known.variants)
    shape = (file, width or 0, height or 0, int(transparent or 0))
    return Card(key, slug, name, tint, low, high, regular, lowest, *shape, max(0, min(pieces, FEW + 1)))


def _read(keys: Sequence[int]) -> dict[int, Known]:
    rows: dict[int, Row] = {}
    variants: dict[int, list[int]] = defaultdict(list)
    for *row, variant in _published(keys):
        rows[row[0]] = tuple(row)
        variants[row[0]] += [variant] if variant else []
    return {key: Known(row, tuple(variants[key])) for key, row in rows.items()}


@Prepared
def _published(keys: Sequence[int]) -> QuerySet[Product, Row]:
    """A row for each variant, or one with none."""
    return Product.objects.published().filter(pk__in=keys).order_by().values_list(*FIELDS, "variants")


_known = Remembered(MOST_KEPT, _read)
