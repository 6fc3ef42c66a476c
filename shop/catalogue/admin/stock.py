"""The stock as staff see it. It changes by movements only: see `StockAdmin.save_model`."""

from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shop.catalogue import stock
from shop.catalogue.forms import ReceiveForm
from shop.catalogue.models import Stock, StockMovement


class MovementInline(admin.TabularInline):  # type: ignore[type-arg]
    model = StockMovement
    fields = ["created_at", "kind", "quantity", "reference"]
    readonly_fields = ["created_at", "kind", "quantity", "reference"]
    ordering = ["-pk"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Stock)
class StockAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ReceiveForm
    list_display = ["sku", "variant", "on_hand", "reserved", "available"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__product__title"]
    ordering = ["variant__sku"]
    fields = ["variant", "on_hand", "reserved", "received", "reference"]
    readonly_fields = ["variant", "on_hand", "reserved"]
    inlines = [MovementInline]

    @admin.display(description=_("sku"), ordering="variant__sku")
    def sku(self, row: Stock) -> str:
        return row.variant.sku

    @admin.display(description=_("available"))
    def available(self, row: Stock) -> int:
        return row.available

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Stock, form: ModelForm[Any], change: bool) -> None:
        """Books the pieces that came in. The row itself is never written back: other hands may be moving it."""
        if form.cleaned_data["received"]:
            reference = form.cleaned_data["reference"] or f"staff {uuid4().hex[:12]}"
            stock.receive({obj.variant.sku: form.cleaned_data["received"]}, reference)
