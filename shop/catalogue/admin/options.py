"""What tells variants apart, and what they are called after it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.catalogue import card_prices, naming
from shop.catalogue.models import Option, OptionValue, Variant
from shop.catalogue.renewal import renew


class OptionValueFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # generic in the stubs only
    def clean(self) -> None:
        """A value that variants have is not taken from under them: they would lose their names."""
        super().clean()
        for form in self.deleted_forms:
            held = form.instance.variants.count()
            if held:
                words = ngettext("%(count)d variant is %(value)s.", "%(count)d variants are %(value)s.", held)
                told = words % {"count": held, "value": form.instance.name}
                raise ValidationError(_("%s Give them another value first. Nothing was changed.") % told)


class OptionValueInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    model = OptionValue
    formset = OptionValueFormSet
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

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        unused = obj is None or not Variant.objects.filter(values__option=obj.pk).exists()
        return unused and super().has_delete_permission(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Variants are named by their values, so a value's new name is theirs too, and they are found by it."""
        super().save_related(request, form, formsets, change)
        named = Variant.objects.filter(values__option=form.instance).distinct()
        card_prices.lock(list(named.values_list("product", flat=True)))  # before the variants, as whoever sets a price
        naming.name_by_values(named)
        renew(named.values_list("product", flat=True))
