"""What the shop's pages put on show: reading only, in a fixed number of queries."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from shop.catalogue.models import Category, Picture, Product, Stock, Variant
from shop.catalogue.querysets import ProductQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Pieces(TypedDict):
    available: int


@dataclass(frozen=True)
class Shelf:
    """A category as its tile shows it, with the cover of its newest product."""

    category: Category
    cover: Picture | None


def shelves() -> list[Shelf]:
    """The categories that hold something; two queries."""
    pictured = Product.objects.published().filter(category=OuterRef("pk"), cover__isnull=False).order_by("-pk")
    filled = Category.objects.filter(products__published=True).distinct()
    shown = filled.annotate(cover_key=Subquery(pictured.values("cover")[:1]))
    covers = Picture.objects.in_bulk([category.cover_key for category in shown if category.cover_key])
    return [Shelf(category, covers.get(category.cover_key)) for category in shown]


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
