"""The pages that show the goods."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from shop.catalogue import showcase
from shop.catalogue.forms import SearchForm
from shop.catalogue.models import Category, Product
from shop.catalogue.tree import Tree

CARDS_A_PAGE = 24
CARDS_PER_SHELF = 4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    tree = Tree.of_goods()
    context = {"tree": tree, "shelves": showcase.shelves(tree), "products": showcase.selection(CARDS_PER_SHELF)}
    return render(request, "catalogue/home.html", context)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = get_object_or_404(Category, slug=slug)
    tree = Tree.of_goods()
    cards = Product.objects.filter(category__in=tree.descendants(shelf.pk)).for_cards().order_by("title", "pk")
    page = Paginator(cards, CARDS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalogue/category.html", {"tree": tree, "category": shelf, "page": page})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    cards = showcase.found(words).order_by("title", "pk") if words else Product.objects.none()
    page = Paginator(cards, CARDS_A_PAGE).get_page(request.GET.get("page"))
    tree = Tree.of_goods()
    context = {"words": words, "page": page, "tree": tree, "shelves": showcase.shelves(tree)}
    return render(request, "catalogue/search.html", context)
