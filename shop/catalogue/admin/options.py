"""What tells variants apart, and what they are called after it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from shop.catalogue import naming
from shop.catalogue.models import Option, OptionValue, Variant
from shop.catalogue.renewal import renew


class OptionValueInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    model = OptionValue
    fields = ["name", "name_zh", "slug", "position"]
    prepopulated_fields = {"slug": ["name"]}
    extra = 0


@admin.register(Option)
class OptionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "name_zh", "slug", "position"]
    ordering = ["position", "pk"]
    search_fields = ["name", "name_zh"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "name_zh", "slug", "position"]
    inlines = [OptionValueInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Variants are named by their values, so a value's new name is theirs too, and they are found by it."""
        super().save_related(request, form, formsets, change)
        named = Variant.objects.filter(values__option=form.instance).distinct()
        naming.name_by_values(named)
        renew(named.values_list("product", flat=True))
