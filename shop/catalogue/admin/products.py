"""A product with everything about it on one page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from shop.catalogue.admin.categories import CategoryField
from shop.catalogue.admin.keeping import KeepingAdmin
from shop.catalogue.admin.pictures import PictureInline, PicturesField
from shop.catalogue.admin.variants import VariantInline
from shop.catalogue.models import Product
from shop.catalogue.pictures.hanging import choose_cover, hang
from shop.catalogue.pictures.uploading import read_all
from shop.catalogue.renewal import renew
from shop.catalogue.templatetags.shop_pictures import picture
from shop.catalogue.templatetags.shop_words import money

UPLOADS = "new_pictures"


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    new_pictures = PicturesField(
        label=_("Add pictures"),
        required=False,
        help_text=_("JPEG, PNG, WebP or GIF, up to 20 MB and 40 million pixels each. The first in place is the cover."),
    )


@admin.register(Product)
class ProductAdmin(KeepingAdmin):
    form = ProductForm
    list_display = ["cover_shown", "title", "category", "price_shown", "available_shown", "published", "created_at"]
    list_display_links = ["cover_shown", "title"]
    list_filter = ["published", ("category", admin.RelatedOnlyFieldListFilter), "tax_class"]
    search_fields = ["title", "title_zh", "variants__sku"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [VariantInline, PictureInline]
    fieldsets = [
        (None, {"fields": ["title", "title_zh", "slug", "category", "published", "tax_class"]}),
        (_("Description"), {"fields": ["description", "description_zh"]}),
        (_("Pictures"), {"fields": [UPLOADS]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return Product.objects.with_offers()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Uploads are read here: what follows is one transaction, and on SQLite every writer would wait for it."""
        read_all(request.FILES.getlist(UPLOADS))
        return super().changeform_view(request, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for family in form.cleaned_data[UPLOADS]:
            hang(form.instance, family)
        choose_cover(form.instance)
        renew([form.instance.pk])

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, form_class=CategoryField, **kwargs)

    @admin.display(description=_("picture"))
    def cover_shown(self, row: Product) -> str:
        return picture(row.cover, sizes="48px", alt="", lazy=True) if row.cover else "–"

    @admin.display(description=_("price"), ordering="price_from")
    def price_shown(self, row: Any) -> str:
        amounts = sorted({amount for amount in (row.price_from, row.price_to) if amount is not None})
        return " – ".join(money(amount) for amount in amounts)

    @admin.display(description=_("available"), ordering="available")
    def available_shown(self, row: Any) -> int:
        return int(row.available)
