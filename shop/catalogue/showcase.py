"""What the shop puts on show: reading only, in a fixed number of queries, each by an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, Func, OuterRef, QuerySet, Subquery

from shop.catalogue.cards import Card, cards
from shop.catalogue.models import Category, Picture, Product, SearchEntry, Variant
from shop.catalogue.prepared import Prepared
from shop.catalogue.tree import Tree

Rows = QuerySet[Any, tuple[Any, ...]]
Keys = QuerySet[Any, int]
CARDS_IN_A_ROW, CARDS_OF_ALL_SHELVES = 4, 12
SPARE = 3 * CARDS_IN_A_ROW  # some are sold out, or stand on another shelf of the page already
LOOKED_AT = 60


@dataclass(frozen=True)
class Shelf:
    """A category as its tile shows it, with the cover of the newest product on it or under it."""

    category: Category
    cover: Picture | None


@dataclass(frozen=True)
class Window:
    """The goods of the home page: none stands on two shelves."""

    on_sale: tuple[Card, ...]
    new: tuple[Card, ...]
    selection: tuple[Card, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.on_sale or self.new or self.selection)


@lru_cache(4)
def shelves(edition: int) -> tuple[Shelf, ...]:
    """The roots of the tree; two queries."""
    tree = Tree.of_goods(edition)
    pictured: dict[int, int | None] = dict(_newest_pictured())
    latest = {root.pk: max(pictured.get(key) or 0 for key in tree.descendants(root.pk)) for root in tree.roots}
    shown = Product.objects.select_related("cover").in_bulk(list(latest.values()))
    return tuple(Shelf(root, shown[latest[root.pk]].cover if latest[root.pk] else None) for root in tree.roots)


def _newest_pictured() -> Rows:
    """Of each category the newest product with a cover. As the greatest key: asked for the first of an order, MariaDB
    walks all products by their key, once for each category."""
    pictured = Product.objects.published().filter(category=OuterRef("pk"), cover__isnull=False).order_by()
    greatest = pictured.annotate(greatest=Func("pk", function="MAX")).values("greatest")
    return Category.objects.order_by().values_list("pk", Subquery(greatest))


def window(edition: int) -> Window:
    """Reduced goods, the newest, and some of every shelf, all in stock; one query, three more once in an edition."""
    reduced, newest, turns = _candidates(edition)
    there = {card.key: card for card in cards(edition, [*reduced, *newest, *turns]) if card.left}
    on_sale = _fresh(reduced, CARDS_IN_A_ROW, there)
    new = _fresh(newest, CARDS_IN_A_ROW, there)
    return Window(on_sale, new, _fresh(turns, CARDS_OF_ALL_SHELVES, there))


def _fresh(keys: Iterable[int], most: int, there: dict[int, Card]) -> tuple[Card, ...]:
    """The first that are there; nobody else shows them then."""
    return tuple(there.pop(key) for key in [key for key in dict.fromkeys(keys) if key in there][:most])


@lru_cache(4)
def _candidates(edition: int) -> tuple[list[int], list[int], list[int]]:
    """More than are shown: which of them are sold out, each page sees for itself."""
    return list(_reduced()), list(_newest()), _in_turn(Tree.of_goods(edition))


def _reduced() -> Keys:
    with_regular = Variant.objects.filter(regular_price__isnull=False)  # said so that the index starts at the first
    reduced = with_regular.filter(regular_price__gt=F("price"), product__published=True)
    return reduced.order_by("-regular_price", "-pk").values_list("product", flat=True)[:SPARE]


def _newest() -> Keys:
    return Product.objects.published().order_by("-pk").values_list("pk", flat=True)[:SPARE]


def _in_turn(tree: Tree) -> list[int]:
    """The newest of each shelf, then the second of each, and so on."""
    leaves = [category.pk for _depth, category in tree.in_order() if not tree.children(category.pk)]
    some = leaves[:: max(1, len(leaves) // CARDS_OF_ALL_SHELVES)][:CARDS_OF_ALL_SHELVES]
    return [key for turn in zip(*_turns(some), strict=True) for key in turn if key] if some else []


def _turns(shelves: Sequence[int]) -> Rows:
    """Of each shelf the newest, the second, and so on, until there are enough."""
    mine = Product.objects.published().filter(category=OuterRef("pk")).order_by("-pk").values("pk")
    turns = [Subquery(mine[turn : turn + 1]) for turn in range(1 + CARDS_OF_ALL_SHELVES // len(shelves))]
    return Category.objects.filter(pk__in=shelves).order_by("position", "pk").values_list(*turns)


def related(shown: Product) -> list[int]:
    """Keys of a few products beside `shown` on its shelf: those that share most words of title and options with it
    among the newest; one query."""
    mine = getattr(shown, "search_entry", SearchEntry())
    title, words = set(mine.title.split()), set(mine.words.split())

    def nearness(row: tuple[int, str | None, str | None]) -> int:
        return 2 * len(title.intersection((row[1] or "").split())) + len(words.intersection((row[2] or "").split()))

    beside = _beside(shown.category_id, shown.pk)
    return [row[0] for row in sorted(beside, key=nearness, reverse=True)[:CARDS_IN_A_ROW]]


@Prepared
def _beside(category: int, shown: int) -> Rows:
    shelf = Product.objects.published().filter(category=category).exclude(pk=shown).order_by("-pk")
    return shelf.values_list("pk", "search_entry__title", "search_entry__words")[:LOOKED_AT]
