"""The page of one product."""

from collections.abc import Sequence

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from shop.catalogue import recent, showcase
from shop.catalogue.cards import cards
from shop.catalogue.choosing import Choice
from shop.catalogue.models import OptionValue, Picture, Product, Variant
from shop.catalogue.tree import Tree

GONE = 410


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """`?option=` with a sku, or a value for each option by its slug, chooses the variant; `?picture=` what is seen."""
    shown = get_object_or_404(Product.objects.select_related("category", "cover", "search_entry"), slug=slug)
    tree = Tree.of_goods()
    context = {"tree": tree, "product": shown, "trail": tree.path(shown.category.pk)} | _company(shown, request)
    if not shown.published:
        return render(request, "catalogue/no_longer_sold.html", context, status=GONE)
    response = render(request, "catalogue/product.html", context | _goods(shown, request))
    recent.remember(request, response, shown.pk)
    return response


def _company(shown: Product, request: HttpRequest) -> dict[str, object]:
    """What stands beside it, and what the shopper has seen before it; two queries."""
    beside = showcase.related(shown)
    seen = [key for key in recent.seen(request) if key != shown.pk and key not in beside]
    found = {card.key: card for card in cards([*beside, *seen])}
    return {
        "beside": [found[key] for key in beside if key in found],
        "recent": [found[key] for key in seen if key in found],
    }


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
