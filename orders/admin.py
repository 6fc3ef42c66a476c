"""Orders as staff see them: what was bought, what happened, and the few things to do by hand."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from orders.admin_money import refund_order
from orders.exceptions import IllegalMove
from orders.forms import ReasonForm
from orders.lifecycle import Actor, OrderStatus, PaymentStatus
from orders.models import Invoice, Order, OrderLine, Payment, Refund
from orders.paying import record_payment, start_payment
from orders.payments.protocol import Notice
from orders.proving import log_fault
from orders.read_only import ReadOnlyInline
from orders.retelling import retell
from orders.return_admin import ReturnAdmin
from orders.services import cancel_order

__all__ = ["InvoiceAdmin", "OrderAdmin", "ReturnAdmin"]  # what Django finds here


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = ["sku", "title", "unit_price", "quantity", "discount", "tax_rate", "tax"]


class PaymentInline(ReadOnlyInline):
    model, fk_name = Payment, "order"
    fields = ["gateway", "reference", "status", "amount", "captured", "refunded", "currency", "held", "created_at"]


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ["status", "amount", "currency", "reason", "restock", "actor", "requested_at", "finished_at"]
    show_change_link = True


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["number", "status", "name", "country", "total", "currency", "placed_at", "pay_by"]
    list_filter = ["status", "placed_at", "country"]
    search_fields = ["=number", "=email", "name"]
    ordering = ["-pk"]
    inlines = [LineInline, PaymentInline, RefundInline]
    actions = ["money_came", "cancel"]
    action_form = ReasonForm
    show_full_result_count = False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The order with its log, and a warning if the log is not what was written."""
        order = self.get_object(request, object_id)
        told = {"log": retell(order), "log_fault": log_fault(order.pk)} if order else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        """Orders are read here; what staff may do are the actions below, each with its row in the order log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_order")

    @admin.action(description=_("The money came: confirm"), permissions=["act"])
    def money_came(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._apply(request, queryset, _confirm_by_hand, "money came")

    @admin.action(description=_("Cancel (say the reason)"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            messages.error(request, _("Say the reason beside the action: the order log keeps it."))
            return
        self._apply(request, queryset, lambda order: self.stop(order, reason), "cancelled")

    def stop(self, order: Order, note: str) -> None:
        """Unpaid orders alone: for one that is paid, its parcel must be asked too, and that is not to be seen here."""
        cancel_order(order, Actor.STAFF, note)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(partial(refund_order, site=self.admin_site))
        return [path("<int:pk>/refund/", view, name="orders_order_refund"), *super().get_urls()]

    def _apply(self, request: HttpRequest, queryset: QuerySet[Order], verb: Any, word: str) -> None:
        for order in queryset:
            try:
                verb(order)
            except IllegalMove as refusal:
                messages.error(request, str(refusal))
            else:
                self.log_change(request, order, word)
                messages.success(request, f"{order}: {word}")


def _confirm_by_hand(order: Order) -> None:
    """Money that came late is recorded too: it finds its goods again, or it goes back."""
    is_open = order.status == OrderStatus.PENDING
    payment = start_payment(order.pk) if is_open else order.payments.order_by("pk").last()
    if payment is None:
        raise IllegalMove(f"order {order} costs nothing: no money is awaited")
    notice = Notice(
        reference=payment.reference, outcome=PaymentStatus.PAID, amount=payment.amount, currency=payment.currency
    )
    record_payment(notice, Actor.STAFF)


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["__str__", "order", "issued_at"]
    search_fields = ["=number", "=order__number"]
    ordering = ["-number"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        return False
