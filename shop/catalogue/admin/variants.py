"""The variants of a product, in rows under it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.catalogue import naming
from shop.catalogue.admin import keeping
from shop.catalogue.admin.picks import PicksField
from shop.catalogue.models import Option, Picture, Stock, Variant
from shop.catalogue.money import rounded
from shop.catalogue.pricing import set_price

PRICES = ("price", "regular_price")


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """The prices remember what they were when the form was shown: another's change meanwhile is not undone."""

    values = PicksField([], label=_("Options"))

    class Meta:
        error_messages = {"sku": {"unique": _("This sku is taken. Please choose another.")}}

    def __init__(self, *args: Any, options: list[Option], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["values"] = PicksField(options, label=_("Options"))
        picked = self.instance.values.all() if self.instance.pk else []
        self.initial["values"] = frozenset(picked)  # no list: Django takes that for the selects' own values
        for name in PRICES:
            self.fields[name].show_hidden_initial = True
            amount = getattr(self.instance, name)
            self.initial[name] = amount if amount is None else rounded(amount, settings.SHOP_CURRENCY)

    @property
    def reprices(self) -> bool:
        return not set(PRICES).isdisjoint(self.changed_data)


class VariantFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    @cached_property
    def options(self) -> list[Option]:
        return list(Option.objects.prefetch_related("values"))

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "options": self.options}

    def clean(self) -> None:
        """Each variant answers the same options as its siblings, and none answers them all alike."""
        self._keep_what_orders_moved()
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        picks = [frozenset(form.cleaned_data.get("values", [])) for form in kept]
        answered = [{value.option_id for value in picked} for picked in picks]
        for place, form in enumerate(kept):
            if answered[place] != answered[0]:
                form.add_error("values", _("All variants of a product answer the same options."))
            elif picks[place] and picks[place] in picks[:place]:
                form.add_error("values", _("Another variant of this product has these options."))

    def _keep_what_orders_moved(self) -> None:
        # Not `deleted_forms`: asked for these, Django refuses first, with a list of movements.
        gone = [form.instance.pk for form in self.initial_forms if form.cleaned_data.get(DELETION_FIELD_NAME)]
        told = keeping.refusals(Variant.objects.filter(pk__in=gone))
        if told:
            raise ValidationError([*told, _("Nothing was changed.")])

    def save(self, commit: bool = True) -> Any:
        """Prices go through their own door, which writes their history; the row here never writes them back."""
        variants = super().save(commit=False)
        for form in self.forms:
            if form.instance in variants:
                _save(form)
        for variant in self.deleted_objects:
            variant.delete()
        self.save_m2m()
        naming.name_by_values(Variant.objects.filter(product=self.instance))
        return variants


def _save(form: Any) -> None:
    variant = form.instance
    price, regular_price, new = variant.price, variant.regular_price, variant._state.adding
    if new:
        variant.save()
        Stock.objects.create(variant=variant)
    else:
        variant.save(update_fields=["sku", "title", "title_zh", "weight_g", "position", "picture"])
    if new or form.reprices:
        set_price(variant, price, regular_price, now=timezone.now())


class VariantInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Variant
    form, formset = VariantForm, VariantFormSet
    extra = 0
    min_num = 1
    ordering = ["position", "pk"]
    readonly_fields = ["in_stock"]
    fieldsets = [
        (None, {"fields": [("sku", "values"), ("price", "regular_price"), ("in_stock", "weight_g")]}),
        (
            _("Name, picture, place"),
            {"classes": ["collapse"], "fields": [("title", "title_zh"), "picture", "position"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("stock").prefetch_related("values")

    @admin.display(description=_("stock"))
    def in_stock(self, variant: Variant) -> str:
        if variant._state.adding:
            return gettext("Save first, then book the pieces in.")
        address = reverse("admin:catalogue_stock_change", args=[variant.pk])
        words = _("%(available)d available, %(reserved)d reserved by orders")
        numbers = {"available": variant.stock.available, "reserved": variant.stock.reserved}
        return format_html('<a href="{}">{}</a>', address, words % numbers)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Of the pictures, the product's own."""
        if db_field.name == "picture" and request.resolver_match:
            product = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Picture.objects.filter(product=product) if product else Picture.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
