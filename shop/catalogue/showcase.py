"""What the shop puts on show: reading only, in a fixed number of queries, each by an index."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from shop.catalogue.cards import Card, cards
from shop.catalogue.models import Category, Picture, Product, SearchEntry, Variant
from shop.catalogue.tree import Tree

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

CARDS_IN_A_ROW, CARDS_OF_ALL_SHELVES = 4, 12
SPARE = 3 * CARDS_IN_A_ROW  # some are sold out, or stand on another shelf of the page already
LOOKED_AT = 60


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
    reduced, newest, turns = _reduced(), _newest(), _in_turn(tree)
    there = {card.key: card for card in cards([*reduced, *newest, *turns]) if card.left}
    on_sale = _fresh(reduced, CARDS_IN_A_ROW, there)
    new = _fresh(newest, CARDS_IN_A_ROW, there)
    return Window(on_sale, new, _fresh(turns, CARDS_OF_ALL_SHELVES, there))


def _fresh(keys: Iterable[int], most: int, there: dict[int, Card]) -> list[Card]:
    """The first that are there; nobody else shows them then."""
    return [there.pop(key) for key in [key for key in dict.fromkeys(keys) if key in there][:most]]


# What is sold out is left out when the cards know it: asked of the database here, each query would walk the stock.
def _reduced() -> list[int]:
    reduced = Variant.objects.filter(regular_price__gt=F("price"), product__published=True)
    return list(reduced.order_by("-regular_price", "-pk").values_list("product", flat=True)[:SPARE])


def _newest() -> list[int]:
    return list(Product.objects.published().order_by("-pk").values_list("pk", flat=True)[:SPARE])


def _in_turn(tree: Tree) -> list[int]:
    """The newest of each shelf, then the second of each, and so on."""
    leaves = [category.pk for _depth, category in tree.in_order() if not tree.children(category.pk)]
    some = leaves[:: max(1, len(leaves) // CARDS_OF_ALL_SHELVES)][:CARDS_OF_ALL_SHELVES]
    mine = Product.objects.published().filter(category=OuterRef("pk")).order_by("-pk").values("pk")
    turns = {
        f"turn_{turn}": Subquery(mine[turn : turn + 1]) for turn in range(1 + CARDS_OF_ALL_SHELVES // max(1, len(some)))
    }
    rows = Category.objects.filter(pk__in=some).order_by("position", "pk").annotate(**turns).values_list(*turns)
    return [key for turn in zip(*rows, strict=True) for key in turn if key]


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
