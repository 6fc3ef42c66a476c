"""The page of one product."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop.catalogue import recent, showcase
from shop.catalogue.cards import cards
from shop.catalogue.choosing import Choice
from shop.catalogue.models import OptionValue, Picture, Product, Variant
from shop.catalogue.prepared import Prepared
from shop.catalogue.tree import Tree

GONE = 410


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """`?option=` with a sku, or a value for each option by its slug, chooses the variant; `?picture=` what is seen."""
    shown = next(iter(_named(slug)), None)
    if shown is None:
        raise Http404("no such product")
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
    variants = _variants(shown.pk)
    prefetch_related_objects(variants, Prefetch("values", OptionValue.objects.select_related("option")))
    choice = Choice(variants, request.GET)
    pictures = _pictures(shown.pk)
    seen = _seen(pictures, request.GET.get("picture", ""), choice.chosen) or shown.cover
    return {"choice": choice, "chosen": choice.chosen, "pictures": pictures, "seen": seen}


@Prepared
def _named(slug: str) -> QuerySet[Product]:
    return Product.objects.filter(slug=slug).select_related("category", "cover", "search_entry")


@Prepared
def _variants(product: int) -> QuerySet[Variant]:
    return showcase.sold_variants().filter(product=product).select_related("picture")


@Prepared
def _pictures(product: int) -> QuerySet[Picture]:
    return Picture.objects.filter(product=product)


def _seen(pictures: Sequence[Picture], asked: str, chosen: Variant | None) -> Picture | None:
    asked_for = [picture for picture in pictures if str(picture.pk) == asked]
    return next(iter(asked_for), chosen.picture if chosen else None)
