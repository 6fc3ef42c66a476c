"""Money as staff see it: payments, what goes back, and what gateways said."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.exceptions import IllegalMove
from orders.forms import RefundForm
from orders.lifecycle import Actor, RefundStatus
from orders.models import Order, Payment, PaymentCallback, Refund, RefundLine
from orders.paying import clear_hold
from orders.payments import gateway
from orders.payments.protocol import RepaymentNotice
from orders.refunding import settle_refund, start_refund
from orders.tasks import replay_callback, retry_refund
from queue_table import clock


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Rows are read here; what staff may do are the actions, each with its row in the order log."""

    ordering = ["-pk"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.add_refund")

    def apply(self, request: HttpRequest, queryset: QuerySet[Any], verb: Any, word: str) -> None:
        """Does the verb to each row, and tells what it refused."""
        for row in queryset:
            try:
                verb(row)
            except IllegalMove as refusal:
                messages.error(request, str(refusal))
            else:
                self.log_change(request, row, word)
                messages.success(request, f"{row}: {word}")


class HeldFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("held for staff"), "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.exclude(held="") if self.value() else queryset


@admin.register(Payment)
class PaymentAdmin(LookOnly):
    list_display = ["order", "status", "held", "amount", "captured", "refunded", "currency", "gateway", "created_at"]
    list_filter = [HeldFilter, "status", "gateway", "created_at"]
    list_select_related = ["order"]
    search_fields = ["=order__number", "=reference", "=transaction", "=provider_id"]
    exclude = ["return_url", "page_url"]
    readonly_fields = ["what_to_do"]
    actions = ["give_back", "dealt_with"]

    @admin.display(description=gettext_lazy("what to do"))
    def what_to_do(self, payment: Payment) -> str:
        if not payment.held:
            return _("Nothing.")
        if payment.left > 0:
            return _("Look at the gateway whether it is so. Then give the money back, or say that you dealt with it.")
        return _(
            "Look at the gateway whether it is so, pay back there what is not ours, and say that you dealt with it."
        )

    @admin.action(description=gettext_lazy("Give back all that is left of it"), permissions=["act"])
    def give_back(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        self.apply(request, queryset, _give_back, "refund started")

    @admin.action(description=gettext_lazy("Held money: I dealt with it"), permissions=["act"])
    def dealt_with(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        self.apply(request, queryset, lambda payment: clear_hold(payment, f"by {request.user}"), "dealt with")


def _give_back(payment: Payment) -> None:
    reason = Refund.Reason.MISFIT if payment.held else Refund.Reason.GOODWILL
    start_refund(payment.order_id, payment=payment, reason=reason, actor=Actor.STAFF)


class RefundLineInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    model = RefundLine
    fields = ["line", "quantity", "amount"]
    extra = 0


@admin.register(Refund)
class RefundAdmin(LookOnly):
    list_display = ["order", "status", "amount", "currency", "reason", "actor", "requested_at", "finished_at"]
    list_filter = ["status", "reason", "requested_at"]
    list_select_related = ["order"]
    search_fields = ["=order__number", "=provider_id"]
    inlines = [RefundLineInline]
    actions = ["done_by_hand", "try_again"]

    @admin.action(description=gettext_lazy("I have transferred it back"), permissions=["act"])
    def done_by_hand(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        self.apply(request, queryset.select_related("payment"), _done_by_hand, "paid back")

    @admin.action(description=gettext_lazy("Ask the gateway again"), permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        self.apply(request, queryset, lambda refund: retry_refund(refund, clock.now()), "asked again")


def _done_by_hand(refund: Refund) -> None:
    if not gateway(refund.payment.gateway).by_hand or refund.status == RefundStatus.FAILED:
        raise IllegalMove(f"refund {refund} is not for staff to transfer")
    settle_refund(RepaymentNotice(reference=refund.reference, outcome=RefundStatus.DONE), Actor.STAFF)


@admin.register(PaymentCallback)
class PaymentCallbackAdmin(LookOnly):
    list_display = ["received_at", "gateway", "event_id", "status", "note", "reference"]
    list_filter = ["status", "gateway", "received_at"]
    search_fields = ["=event_id", "=reference"]
    fields = ["gateway", "event_id", "reference", "status", "note", "received_at", "applied_at", "text"]
    readonly_fields = ["text"]
    actions = ["apply_again"]

    @admin.display(description=gettext_lazy("body"))
    def text(self, kept: PaymentCallback) -> str:
        return bytes(kept.body).decode(errors="backslashreplace")

    @admin.action(description=gettext_lazy("Apply again"), permissions=["act"])
    def apply_again(self, request: HttpRequest, queryset: QuerySet[PaymentCallback]) -> None:
        key = f"{clock.now():%Y-%m-%dT%H:%M:%S}"
        self.apply(request, queryset, lambda kept: replay_callback(kept, f"callback:{kept.pk}:{key}"), "applied soon")


def refund_order(request: HttpRequest, pk: int, site: admin.AdminSite) -> HttpResponse:
    """A form with what is left to pay back; what it comes to is shown once more before it goes."""
    if not request.user.has_perm("orders.add_refund"):
        raise PermissionDenied
    order = get_object_or_404(Order, pk=pk)
    form = RefundForm(order, request.POST or None)
    is_sure = form.is_valid() and "confirm" in request.POST
    if is_sure and _refund_as_asked(order, form):
        messages.success(request, _("The refund has started: the money goes back the way it came."))
        return redirect("admin:orders_order_change", pk)
    context = site.each_context(request) | {"order": order, "form": form, "title": _("Refund"), "opts": Order._meta}
    return render(request, "admin/orders/order/refund.html", context)


def _refund_as_asked(order: Order, form: RefundForm) -> bool:
    try:
        start_refund(order.pk, actor=Actor.STAFF, **form.wishes)
    except IllegalMove as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
