"""What a product's card shows, as plain values: a card that says the same is rendered once and remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from shop.catalogue.models import Picture, Product
from shop.catalogue.prepared import Prepared

FEW = 5  # so many or fewer are told by their number
FIELDS = """pk slug title title_zh category__tint price_from price_to regular_from lowest_price_30_days available
    cover__file cover__width cover__height cover__transparent""".split()


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
    left: int
    file: str | None
    width: int
    height: int
    transparent: int

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


def cards(keys: Sequence[int]) -> list[Card]:
    """Of the published products among the keys, in their order; one query."""
    chinese = (get_language() or "").startswith("zh")
    found = {row[0]: _card(chinese, *row) for row in _rows(keys)}
    return [found[key] for key in keys if key in found]


@Prepared
def _rows(keys: Sequence[int]) -> QuerySet[Product, tuple[Any, ...]]:
    return Product.objects.filter(pk__in=keys).for_cards().order_by().values_list(*FIELDS)


def _card(chinese: bool, key: int, slug: str, title: str, title_zh: str, tint: int, *rest: Any) -> Card:
    low, high, regular, lowest, available, file, width, height, transparent = rest
    name = title_zh if chinese and title_zh else title
    left = max(0, min(available, FEW + 1))
    shape = (width or 0, height or 0, int(transparent or 0))
    return Card(key, slug, name, tint, low, high, regular, lowest, left, file, *shape)
