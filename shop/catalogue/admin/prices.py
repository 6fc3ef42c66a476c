"""What things cost before: to look at, for nobody changes the past."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import PricePoint


@admin.register(PricePoint)
class PricePointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["sku", "variant", "price", "at"]
    list_select_related = ["variant__product"]
    search_fields = ["=variant__sku", "variant__product__title"]
    ordering = ["-at", "-pk"]
    fields = ["variant", "price", "at"]

    @admin.display(description=_("sku"), ordering="variant__sku")
    def sku(self, row: PricePoint) -> str:
        return row.variant.sku

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
