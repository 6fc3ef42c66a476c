"""Delivery, taxes and vouchers as staff set them. What a voucher was used for is read here and never typed."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from shop.checkout.models import ShippingMethod, ShippingRate, TaxRate, Voucher, VoucherUse


class RateInline(admin.StackedInline):  # type: ignore[type-arg]  # generic in the stubs only
    model = ShippingRate
    extra = 0
    min_num = 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """A method without a rate is on offer nowhere: at least one is asked for."""
        return super().get_formset(request, obj, **kwargs | {"validate_min": True})


@admin.register(ShippingMethod)
class ShippingMethodAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["title", "code", "days_min", "days_max", "position", "active"]
    prepopulated_fields = {"code": ["title"]}
    inlines = [RateInline]


@admin.register(TaxRate)
class TaxRateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["country", "tax_class", "percent"]
    list_filter = ["country"]
    ordering = ["country", "tax_class"]


@admin.register(Voucher)
class VoucherAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["code", "kind", "amount", "percent", "starts_at", "ends_at", "used", "limit_total"]
    list_filter = ["kind"]
    search_fields = ["code"]
    readonly_fields = ["used"]

    def save_model(self, request: HttpRequest, obj: Voucher, form: ModelForm[Any], change: bool) -> None:
        """Writes what was changed and not `used`: shoppers may be counting it up."""
        obj.save(update_fields=form.changed_data if change else None)


@admin.register(VoucherUse)
class VoucherUseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["order_number", "voucher", "customer", "nth"]
    list_select_related = ["voucher"]
    search_fields = ["=order_number", "=customer", "=voucher__code"]
    ordering = ["-pk"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: VoucherUse | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: VoucherUse | None = None) -> bool:
        return False
