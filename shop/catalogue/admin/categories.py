"""The tree of categories, shown and chosen as a tree."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, ForeignKey, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.forms import ModelForm
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Category, Product
from shop.catalogue.renewal import renew
from shop.catalogue.tree import Tree

LAST = 1_000_000
STEP = "\u2003"  # an em space, which a page keeps


class Outline(ModelChoiceIterator):  # type: ignore[type-arg]  # generic in the stubs only
    """The choices in the order of the tree, each as far in as it stands."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for depth, category in Tree.read().in_order():
            key, title = self.choice(category)
            yield key, f"{STEP * depth}{title}"


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    iterator = Outline


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["in_tree", "title_zh", "slug", "tint", "position"]
    list_per_page = 500
    sortable_by = ()
    search_fields = ["title", "title_zh", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "title_zh", "slug", "parent", "position", "tint", "description", "description_zh"]

    def save_model(self, request: HttpRequest, obj: Category, form: ModelForm[Any], change: bool) -> None:
        """What stands on it or under it is found by its title."""
        super().save_model(request, obj, form, change)
        below = Product.objects.filter(category__in=Tree.read().descendants(obj.pk))
        renew(below.values_list("pk", flat=True))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        depths = {category.pk: depth for depth, category in Tree.read().in_order()}
        return Category.objects.annotate(depth=_looked_up(depths, 0))

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """As an outline is read."""
        places = {category.pk: place for place, (_depth, category) in enumerate(Tree.read().in_order())}
        return [_looked_up(places, LAST), "pk"]

    @admin.display(description=_("category"))
    def in_tree(self, row: Any) -> str:
        return f"{STEP * row.depth}{row.title}"

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, form_class=CategoryField, **kwargs)


def _looked_up(numbers: dict[int, int], otherwise: int) -> Case | Value:
    """A column that reads a number for each key out of Python."""
    cases = [When(pk=key, then=Value(number)) for key, number in numbers.items()]
    return Case(*cases, default=Value(otherwise), output_field=IntegerField()) if cases else Value(otherwise)
