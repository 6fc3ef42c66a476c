"""The pages that show the goods."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from shop.catalogue import showcase
from shop.catalogue.edition import edition_of
from shop.catalogue.listing.goods import Found, OnShelves
from shop.catalogue.listing.listing import Listing
from shop.catalogue.models import Category
from shop.catalogue.search.finding import find
from shop.catalogue.tree import Tree

LONGEST_QUERY = 100


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    edition = edition_of(request)
    context = {"shelves": showcase.shelves(edition), "window": showcase.window(edition)}
    return render(request, "catalogue/home.html", context)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    edition = edition_of(request)
    tree = Tree.of_goods(edition)
    shelf = tree.named(slug) or get_object_or_404(Category, slug=slug)
    listing = Listing(edition, OnShelves(tuple(tree.descendants(shelf.pk))), request.GET)
    context = {"category": shelf, "trail": tuple(tree.path(shelf.pk)[:-1]), "children": tuple(tree.children(shelf.pk))}
    return _list_page(request, "catalogue/category.html", listing, context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    words = " ".join(request.GET.get("q", "").split())[:LONGEST_QUERY]
    edition = edition_of(request)
    found = find(edition, words)
    if not found.products:
        context = {"words": words, "found": found, "shelves": showcase.shelves(edition)}
        return render(request, "catalogue/nothing_found.html", context)
    listing = Listing(edition, Found(found.products), request.GET)
    return _list_page(request, "catalogue/search.html", listing, {"words": words, "found": found})


def _list_page(request: HttpRequest, template: str, listing: Listing, context: dict[str, object]) -> HttpResponse:
    """htmx gets the whole page as well and takes the list out of it; the address bar gets it without empty fields."""
    response = render(request, template, context | {"listing": listing, "page": listing.page})
    return push_url(response, request.path + listing.tidy) if request.htmx else response  # type: ignore[attr-defined]
