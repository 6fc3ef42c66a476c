"""The admin's pages of rows that are read, and with which deeds are done."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.deeds import Deed
from orders.exceptions import IllegalMove

SETTLED = _("Nothing more: it is settled.")


class DeedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """`deeds` by their names, the likeliest first. Who may change the model may do them; some ask for more."""

    deeds: ClassVar[Mapping[str, type[Deed]]]
    change_form_template = "admin/orders/with_deeds.html"

    def may_act(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request)

    def may_do(self, request: HttpRequest, deed: type[Deed]) -> bool:
        return self.may_act(request) and request.user.has_perms(deed.permissions)

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view(self.deed_view), f"{self.opts.app_label}_{self.opts.model_name}_deed"
        return [path("<int:pk>/do/<str:deed>/", view, name=name), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row:
            fitting = [deed for deed in self.deeds.values() if deed.fits(row) and self.may_do(request, deed)]
            context |= {"next_step": self.next_step(row), "deeds": fitting}
        return super().render_change_form(request, context, *args, **kwargs)

    def deed_view(self, request: HttpRequest, pk: int, deed: str) -> HttpResponse:
        """GET says what is about to happen and asks for what it needs; POST does it, once its outcome was seen."""
        if not self.may_act(request):
            raise PermissionDenied
        if deed not in self.deeds:
            raise Http404(deed)
        if not self.may_do(request, self.deeds[deed]):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        form = self.deeds[deed](row, request.POST if request.method == "POST" else None)
        outcome = form.outcome if form.is_valid() else []
        if form.is_valid() and request.POST.get("seen", "") == _as_text(outcome):
            self._carry_out(request, form)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", pk)
        context = {**self.admin_site.each_context(request), "title": form.title, "form": form, "row": row}
        context |= {"opts": self.opts, "outcome": outcome, "seen": _as_text(outcome)}
        return TemplateResponse(request, "admin/orders/deed.html", context)

    def _carry_out(self, request: HttpRequest, form: Deed) -> None:
        try:
            form.carry_out()
        except IllegalMove:
            messages.error(request, _("Meanwhile it has gone on. Nothing was changed."))
        else:
            self.log_change(request, form.row, str(form.title))
            messages.success(request, str(form.title))

    @admin.display(description=_("what to do next"))
    def next_step(self, row: Any) -> str | Promise:
        raise NotImplementedError


def _as_text(outcome: Any) -> str:
    return "; ".join(f"{label}: {words}" for label, words in outcome)
