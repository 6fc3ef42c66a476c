"""The page of one product."""

from collections.abc import Mapping, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop.catalogue import recent
from shop.catalogue.cards import cards, variants_of
from shop.catalogue.choosing import Choice
from shop.catalogue.edition import edition_of
from shop.catalogue.models import Picture
from shop.catalogue.pieces import left_of
from shop.catalogue.sold import SoldVariant
from shop.catalogue.thing import Thing, thing_named
from shop.catalogue.tree import Tree

GONE = 410


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """`?option=` with a sku, or a value for each option by its slug, chooses the variant; `?picture=` what is seen."""
    edition = edition_of(request)
    thing = thing_named(edition, slug)
    if thing is None:
        raise Http404("no such product")
    seen = [key for key in recent.seen(request) if key != thing.product.pk and key not in thing.beside]
    own = [variant.pk for variant in thing.variants]
    left = left_of([*own, *variants_of(edition, [*thing.beside, *seen])])
    context = {
        "product": thing.product,
        "trail": tuple(Tree.of_goods(edition).path(thing.product.category_id)),
        "beside": cards(edition, thing.beside, left),
        "recent": cards(edition, seen, left),
    }
    if not thing.product.published:
        return render(request, "catalogue/no_longer_sold.html", context, status=GONE)
    response = render(request, "catalogue/product.html", context | _goods(thing, left, request))
    recent.remember(request, response, thing.product.pk)
    return response


def _goods(thing: Thing, left: Mapping[int, int], request: HttpRequest) -> dict[str, object]:
    variants = [SoldVariant(variant, left.get(variant.pk, 0)) for variant in thing.variants]
    choice = Choice(variants, request.GET)
    seen = _seen(thing.pictures, request.GET.get("picture", ""), choice.chosen) or thing.product.cover
    return {"choice": choice, "chosen": choice.chosen, "seen": seen, "thumbs": _thumbs(thing, request)}


def _seen(pictures: Sequence[Picture], asked: str, chosen: SoldVariant | None) -> Picture | None:
    asked_for = [picture for picture in pictures if str(picture.pk) == asked]
    return next(iter(asked_for), chosen.variant.picture if chosen else None)


def _thumbs(thing: Thing, request: HttpRequest) -> tuple[tuple[str, Picture], ...]:
    """Each picture with the query that shows it; none where there is nothing to choose."""
    asked = request.GET.copy()
    queries = []
    for picture in thing.pictures:
        asked["picture"] = str(picture.pk)
        queries.append((f"?{asked.urlencode()}", picture))
    return tuple(queries) if len(queries) > 1 else ()
