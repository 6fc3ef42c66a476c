"""What the shop puts on show: reading only, in a fixed number of queries, each by an index."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from shop.catalogue.cards import Card, cards
from shop.catalogue.models import Category, Picture, Product, SearchEntry, Variant
from shop.catalogue.querysets import ProductQuerySet
from shop.catalogue.tree import Tree

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

CARDS_IN_A_ROW, CARDS_OF_ALL_SHELVES = 4, 12
SPARE = 3 * CARDS_IN_A_ROW  # some stand on another shelf of the page already
TURNS = 4
LOOKED_AT = 60
IN_STOCK = Q(stock__on_hand__gt=F("stock__reserved"))


class Pieces(TypedDict):
    available: int


@dataclass(frozen=True)
class Shelf:
    """A category as its tile shows it, with the cover of the newest product on it or under it."""

    category: Category
    cover: Picture | None


@dataclass(frozen=True)
class Window:
    """The goods of the home page: none stands on two shelves."""

    on_sale: list[Card]
    new: list[Card]
    selection: list[Card]

    @property
    def is_empty(self) -> bool:
        return not (self.on_sale or self.new or self.selection)


def shelves(tree: Tree) -> list[Shelf]:
    """The roots of `tree`; two queries."""
    pictured = Product.objects.published().filter(category=OuterRef("pk"), cover__isnull=False).order_by("-pk")
    newest = Category.objects.order_by().annotate(newest=Subquery(pictured.values("cover")[:1]))
    covers = dict(newest.values_list("pk", "newest"))
    latest = {root.pk: max(covers.get(key) or 0 for key in tree.descendants(root.pk)) for root in tree.roots}
    pictures = Picture.objects.in_bulk(list(latest.values()))
    return [Shelf(root, pictures.get(latest[root.pk])) for root in tree.roots]


def window(tree: Tree) -> Window:
    """Reduced goods, the newest, and some of every shelf, all in stock; four queries."""
    on_sale = _fresh(_reduced(), CARDS_IN_A_ROW, [])
    new = _fresh(_newest(), CARDS_IN_A_ROW, on_sale)
    selection = _fresh(_in_turn(tree), CARDS_OF_ALL_SHELVES, on_sale + new)
    shown = {card.key: card for card in cards([*on_sale, *new, *selection])}
    return Window(*([shown[key] for key in keys if key in shown] for keys in (on_sale, new, selection)))


def _fresh(keys: Iterable[int], most: int, shown: list[int]) -> list[int]:
    return [key for key in dict.fromkeys(keys) if key not in shown][:most]


def _reduced() -> Iterable[int]:
    reduced = Variant.objects.filter(IN_STOCK, regular_price__gt=F("price"), product__published=True)
    return reduced.order_by("-regular_price", "-pk").values_list("product", flat=True)[:SPARE]


def _newest() -> Iterable[int]:
    return _on_sale_anywhere().order_by("-pk").values_list("pk", flat=True)[:SPARE]


def _in_turn(tree: Tree) -> list[int]:
    """The newest of each shelf, then the second of each, and so on."""
    leaves = [category.pk for _depth, category in tree.in_order() if not tree.children(category.pk)]
    some = leaves[:: max(1, len(leaves) // CARDS_OF_ALL_SHELVES)][:CARDS_OF_ALL_SHELVES]
    mine = _on_sale_anywhere().filter(category=OuterRef("pk")).order_by("-pk").values("pk")
    turns = {f"turn_{turn}": Subquery(mine[turn : turn + 1]) for turn in range(TURNS)}
    rows = Category.objects.filter(pk__in=some).order_by("position", "pk").annotate(**turns).values_list(*turns)
    return [key for turn in zip(*rows, strict=True) for key in turn if key]


def _on_sale_anywhere() -> ProductQuerySet:
    there = Variant.objects.filter(IN_STOCK, product=OuterRef("pk")).order_by()
    return Product.objects.published().filter(Exists(there))


def related(shown: Product) -> list[int]:
    """Keys of a few products beside `shown` on its shelf: those that share most words of title and options with it
    among the newest; one query."""
    shelf = Product.objects.published().filter(category=shown.category_id).exclude(pk=shown.pk).order_by("-pk")
    beside = shelf.values_list("pk", "search_entry__title", "search_entry__words")[:LOOKED_AT]
    mine = getattr(shown, "search_entry", SearchEntry())
    title, words = set(mine.title.split()), set(mine.words.split())

    def nearness(row: tuple[int, str | None, str | None]) -> int:
        return 2 * len(title.intersection((row[1] or "").split())) + len(words.intersection((row[2] or "").split()))

    return [row[0] for row in sorted(beside, key=nearness, reverse=True)[:CARDS_IN_A_ROW]]


def sold_variants() -> "QuerySet[WithAnnotations[Variant, Pieces]]":
    """Variants of published products with the `available` pieces of each; 0 where no stock is kept."""
    left = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)
    return Variant.objects.filter(product__published=True).annotate(available=left).order_by("position", "pk")
