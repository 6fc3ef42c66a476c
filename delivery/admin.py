"""Parcels as staff see them: what goes where, what happened, and the tracking number to enter."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from delivery.exceptions import IllegalMove
from delivery.forms import TrackingNumberForm
from delivery.lifecycle import Actor, ShipmentStatus
from delivery.models import Shipment, ShipmentEvent, ShipmentLine
from delivery.services import confirm_receipt, mark_shipped
from queue_table import clock


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(ReadOnlyInline):
    model = ShipmentLine
    fields = ["sku", "title", "quantity"]


class EventInline(ReadOnlyInline):
    model = ShipmentEvent
    fields = ["at", "kind", "actor", "note"]


@admin.register(Shipment)
class ShipmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form = TrackingNumberForm
    list_display = ["__str__", "status", "carrier", "tracking_number", "country", "receipt_status", "confirm_due_at"]
    list_filter = ["status", "receipt_status", "carrier"]
    search_fields = ["=order_number", "=tracking_number", "name"]
    ordering = ["-pk"]
    inlines = [LineInline, EventInline]
    actions = ["received"]
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Shipment | None = None) -> list[str]:
        """All but the tracking number, which staff may enter while the parcel waits for the carrier."""
        return [field.name for field in Shipment._meta.fields if field.name != "tracking_number"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Shipment | None = None) -> bool:
        waits = obj is None or obj.status == ShipmentStatus.REQUESTED
        return waits and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Shipment | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("delivery.change_shipment")

    @admin.action(description=_("The customer says it is there: confirm the receipt"), permissions=["act"])
    def received(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> None:
        for shipment in queryset:
            try:
                confirmed = confirm_receipt(shipment.pk, Actor.STAFF)
            except IllegalMove as refusal:
                messages.error(request, str(refusal))
            else:
                self.log_change(request, shipment, "receipt confirmed" if confirmed else "receipt was confirmed before")

    def save_model(self, request: HttpRequest, obj: Shipment, form: Any, change: bool) -> None:
        mark_shipped(obj, form.cleaned_data["tracking_number"], Actor.STAFF, clock.now())
