"""Categories stand under one another, and no ring of them can be made."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from shop.catalogue.models import Category
from shop.catalogue.tree import Tree
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Category:
    """home > kitchen > (cups, bowls); home > garden."""
    home = CategoryFactory(slug="home")
    kitchen = CategoryFactory(slug="kitchen", parent=home, position=1)
    CategoryFactory(slug="garden", parent=home, position=2)
    CategoryFactory(slug="bowls", parent=kitchen, position=2)
    CategoryFactory(slug="cups", parent=kitchen, position=1)
    return home


def named(slug: str) -> Category:
    return Category.objects.get(slug=slug)


def test_the_tree_is_read_in_one_query(home: Category, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        tree = Tree.read()
        assert [category.slug for category in tree.roots] == ["home"]
        assert [category.slug for category in tree.children(home.pk)] == ["kitchen", "garden"]
        outline = [(depth, category.slug) for depth, category in tree.in_order()]
    assert outline == [(0, "home"), (1, "kitchen"), (2, "cups"), (2, "bowls"), (1, "garden")]


def test_a_path_leads_from_the_root_to_the_category(home: Category) -> None:
    assert [step.slug for step in Tree.read().path(named("cups").pk)] == ["home", "kitchen", "cups"]
    assert Tree.read().path(0) == []


def test_descendants_are_the_category_and_all_under_it(home: Category) -> None:
    slugs = ["kitchen", "cups", "bowls"]
    assert set(Tree.read().descendants(named("kitchen").pk)) == {named(slug).pk for slug in slugs}
    assert Tree.read().descendants(named("garden").pk) == [named("garden").pk]


@pytest.mark.parametrize("under", ["home", "kitchen", "cups"])
def test_a_category_is_never_put_under_itself_or_its_own(home: Category, under: str) -> None:
    home.parent = named(under)
    with pytest.raises(ValidationError, match="under itself"):
        home.full_clean()


def test_the_admin_refuses_a_ring_and_changes_nothing(home: Category, admin_client: Client) -> None:
    fields = {"slug": "home", "title": "Home", "tint": 1, "position": 0, "parent": named("cups").pk}
    answer = admin_client.post(f"/admin/catalogue/category/{home.pk}/change/", fields)
    assert "under itself" in answer.content.decode()
    assert named("home").parent is None


def test_a_ring_that_two_writers_made_at_once_breaks_no_page(home: Category) -> None:
    Category.objects.filter(pk=home.pk).update(parent=named("cups"))
    tree = Tree.read()
    assert tree.roots == tree.in_order() == []
    assert len(tree.path(home.pk)) == 3
    assert len(tree.descendants(home.pk)) == 5


def test_a_root_shows_what_lies_on_the_shelves_under_it(home: Category, client: Client) -> None:
    cup = ProductFactory(category=named("cups"))
    ProductFactory(category=named("garden"), published=False)
    for path in ["/c/home/", "/c/kitchen/"]:
        assert [card.key for card in client.get(path).context["page"]] == [cup.pk]


def test_shelves_that_hold_nothing_for_sale_are_in_no_menu(home: Category, client: Client) -> None:
    ProductFactory(category=named("cups"))
    ProductFactory(category=named("garden"), published=False)
    CategoryFactory(slug="empty")
    tree = client.get("/").context["tree"]
    assert [category.slug for _depth, category in tree.in_order()] == ["home", "kitchen", "cups"]
