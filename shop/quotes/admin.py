"""Questions for a price as staff see them."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from orders.deed_admin import SETTLED, DeedAdmin
from orders.models import Quotation
from shop.catalogue.templatetags.shop_words import money
from shop.quotes.deeds import DEEDS

SHOWN: tuple[str, ...] = (
    "order_link",
    "state",
    "name",
    "wish",
    "goods",
    "total",
    "good_until",
    "asked_at",
    "taken_at",
    "answer",
)


@admin.register(Quotation)
class QuotationAdmin(DeedAdmin):
    deeds = DEEDS
    list_display = ["order", "state", "name", "total", "asked_at", "good_until", "next_step"]
    list_filter = ["order__status", "asked_at"]
    list_select_related = ["order"]
    search_fields = ["=order__number", "=order__email", "order__name"]
    ordering = ["-pk"]
    fields = SHOWN
    readonly_fields = SHOWN
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Quotation | None = None) -> bool:
        """Read here; what staff may do are the deeds, each with its row in the order log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Quotation | None = None) -> bool:
        return False

    @admin.display(description=_("what to do next"))
    def next_step(self, row: Quotation) -> str | Promise:
        if not row.is_draft:
            return SETTLED
        return _("The customer decides.") if row.is_offered else _("The customer waits for your price.")

    @admin.display(description=_("status"), ordering="order__status")
    def state(self, row: Quotation) -> str:
        return row.order.get_status_display()

    @admin.display(description=_("name"))
    def name(self, row: Quotation) -> str:
        return row.order.name

    @admin.display(description=_("in the customer's words"))
    def wish(self, row: Quotation) -> str:
        return row.order.note or "–"

    @admin.display(description=_("goods"))
    def goods(self, row: Quotation) -> str:
        return ", ".join(str(line) for line in row.order.lines.all())

    @admin.display(description=_("total"))
    def total(self, row: Quotation) -> str:
        return money(row.order.total, row.order.currency)

    @admin.display(description=_("good until"), ordering="order__pay_by")
    def good_until(self, row: Quotation) -> object:
        return row.order.pay_by if row.is_draft else None

    @admin.display(description=_("order"))
    def order_link(self, row: Quotation) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:orders_order_change", args=[row.order_id]), row.order)
