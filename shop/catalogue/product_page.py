"""The page of one product."""

from collections.abc import Sequence

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from shop.catalogue import showcase
from shop.catalogue.choosing import Choice
from shop.catalogue.models import OptionValue, Picture, Product, Variant
from shop.catalogue.tree import Tree

CARDS_BESIDE = 4
GONE = 410


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """`?option=` with a sku, or a value for each option by its slug, chooses the variant; `?picture=` what is seen."""
    shown = get_object_or_404(Product.objects.select_related("category", "cover"), slug=slug)
    tree = Tree.of_goods()
    beside = Product.objects.filter(category=shown.category).exclude(pk=shown.pk).for_cards().order_by("pk")
    context = {"tree": tree, "product": shown, "trail": tree.path(shown.category.pk), "beside": beside[:CARDS_BESIDE]}
    if not shown.published:
        return render(request, "catalogue/no_longer_sold.html", context, status=GONE)
    return render(request, "catalogue/product.html", context | _goods(shown, request))


def _goods(shown: Product, request: HttpRequest) -> dict[str, object]:
    values = Prefetch("values", OptionValue.objects.select_related("option"))
    variants = showcase.sold_variants().filter(product=shown).select_related("picture").prefetch_related(values)
    choice = Choice(list(variants), request.GET)
    pictures = list(shown.pictures.all())
    seen = _seen(pictures, request.GET.get("picture", ""), choice.chosen) or shown.cover
    return {"choice": choice, "chosen": choice.chosen, "pictures": pictures, "seen": seen}


def _seen(pictures: Sequence[Picture], asked: str, chosen: Variant | None) -> Picture | None:
    asked_for = [picture for picture in pictures if str(picture.pk) == asked]
    return next(iter(asked_for), chosen.picture if chosen else None)
