"""The page that says whether all is well; and the orders' admin where it needs both systems."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from orders.admin import OrderAdmin
from orders.lifecycle import Actor
from orders.models import Order
from queue_table import clock
from queue_table.outbox import enqueue_once
from queue_table.pending import is_under_way
from shop.aftersales.cancelling import cancel
from shop.ops.models import InvariantCheck
from shop.ops.tasks import check_invariants

RUN = "ops.add_invariantcheck"
admin.site.unregister(Order)


@admin.register(Order)
class ShopOrderAdmin(OrderAdmin):
    def stop(self, order: Order, note: str) -> None:
        """Unpaid or paid, as long as it is not sent: only the shop sees the order's parcel."""
        cancel(order.pk, Actor.STAFF, note)


@admin.register(InvariantCheck)
class InvariantCheckAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    def get_urls(self) -> list[URLPattern]:
        run = path("run/", self.admin_site.admin_view(self.run), name="ops_invariantcheck_run")
        return [run, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The last check, and the ones before it."""
        return self._page(request, InvariantCheck.objects.order_by("-pk").first())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._require_view(request)
        chosen = InvariantCheck.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if chosen is None:
            raise Http404("no such check, or no longer")
        return self._page(request, chosen)

    def run(self, request: HttpRequest) -> HttpResponse:
        """Refused before a method is: who may not come here learns nothing of what is here."""
        self._require_view(request)
        if not request.user.has_perm(RUN):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        minute = f"{clock.now():%Y-%m-%dT%H:%M}"  # a double click is one check
        enqueue_once(check_invariants, f"check_invariants:{minute}", user_info=f"staff:{request.user.pk}")
        messages.info(request, _("The check lies in the queue. Look again in a moment."))
        return HttpResponseRedirect(reverse("admin:ops_invariantcheck_changelist"))

    def _page(self, request: HttpRequest, shown: InvariantCheck | None) -> HttpResponse:
        self._require_view(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Is all well?"),
            "opts": self.opts,
            "shown": shown,
            "earlier": InvariantCheck.objects.order_by("-pk")[:10],
            "is_under_way": is_under_way(check_invariants.module_path),
            "may_run": request.user.has_perm(RUN),
        }
        return TemplateResponse(request, "admin/ops/invariantcheck/page.html", context)

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
