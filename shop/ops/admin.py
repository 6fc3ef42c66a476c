"""The page that says whether all is well, and lets staff look once more."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from queue_table import clock
from queue_table.outbox import enqueue_once
from queue_table.pending import is_under_way
from shop.ops.models import InvariantCheck
from shop.ops.tasks import check_invariants

RUN = "ops.add_invariantcheck"


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
        chosen = InvariantCheck.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if chosen is None:
            raise Http404("no such check, or no longer")
        return self._page(request, chosen)

    @method_decorator(require_POST)
    def run(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(RUN)):
            raise PermissionDenied
        minute = f"{clock.now():%Y-%m-%dT%H:%M}"  # a double click is one check
        enqueue_once(check_invariants, f"check_invariants:{minute}", user_info=f"staff:{request.user.pk}")
        messages.info(request, _("The check lies in the queue. Look again in a moment."))
        return HttpResponseRedirect(reverse("admin:ops_invariantcheck_changelist"))

    def _page(self, request: HttpRequest, shown: InvariantCheck | None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
