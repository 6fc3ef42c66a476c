"""What the shop's pages put on show: reading only, in a fixed number of queries."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from shop.catalogue.models import Category, Picture, Product, Stock, Variant
from shop.catalogue.querysets import ProductQuerySet
from shop.catalogue.tree import Tree

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Pieces(TypedDict):
    available: int


@dataclass(frozen=True)
class Shelf:
    """A category as its tile shows it, with the cover of the newest product on it or under it."""

    category: Category
    cover: Picture | None


def shelves(tree: Tree) -> list[Shelf]:
    """The roots of `tree`; two queries."""
    pictured = Product.objects.published().filter(cover__isnull=False).order_by().values("category")
    newest = dict(pictured.annotate(newest=Max("pk")).values_list("category", "newest"))
    latest = {root.pk: max(newest.get(key, 0) for key in tree.descendants(root.pk)) for root in tree.roots}
    shown = Product.objects.select_related("cover").in_bulk(list(latest.values()))
    return [Shelf(root, shown[latest[root.pk]].cover if latest[root.pk] else None) for root in tree.roots]


def selection(per_category: int) -> list[Product]:
    """A few products of each category that are in stock, the shelves taking turns."""
    in_turn = Window(RowNumber(), partition_by=F("category"), order_by="pk")
    in_stock = Exists(Stock.objects.filter(variant__product=OuterRef("pk"), on_hand__gt=F("reserved")))
    ranked = Product.objects.published().filter(in_stock).annotate(turn=in_turn).filter(turn__lte=per_category)
    turns = dict(ranked.values_list("pk", "turn"))
    cards = Product.objects.filter(pk__in=turns).for_cards()
    return sorted(cards, key=lambda card: (turns[card.pk], card.category.position, card.pk))


def found(words: str) -> ProductQuerySet:
    """Cards of the products that match. Matching joins the variants, so the cards count theirs apart from it."""
    return Product.objects.filter(pk__in=Product.objects.matching(words).values("pk")).for_cards()


def sold_variants() -> "QuerySet[WithAnnotations[Variant, Pieces]]":
    """Variants of published products with the `available` pieces of each; 0 where no stock is kept."""
    left = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)
    return Variant.objects.filter(product__published=True).annotate(available=left).order_by("position", "pk")
