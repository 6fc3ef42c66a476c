"""The page that runs failed jobs again, many at once, chosen by what is known of them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from queue_table.admin.asking import is_confirmed
from queue_table.admin.noting import note_many
from queue_table.models import Job
from queue_table.redriving import failed_keys, redrive, with_error

MOST = 10_000  # jobs in one request, run again or searched; the command retry_failed_jobs knows no such bound
SHOWN = 20


class FailedForm(forms.Form):
    """Nothing given: every failed job."""

    queue = forms.CharField(label=_("Queue"), max_length=64, required=False)
    kind = forms.CharField(label=_("Kind"), max_length=64, required=False)
    task = forms.CharField(label=_("Task"), max_length=255, required=False)
    exception = forms.CharField(
        label=_("Error"), max_length=200, required=False, help_text=_("The last error's name or text holds this.")
    )
    failed_since = forms.DateTimeField(
        label=_("Failed since"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    failed_before = forms.DateTimeField(
        label=_("Failed before"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value}


class RedrivingPage(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    def redrive(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm("queue_table.change_job")):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        form = FailedForm(asked or None)
        keys, too_many = _found(**form.given()) if form.is_valid() else (None, False)
        if keys and is_confirmed(request):
            return _run(request, keys, too_many, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Run failed jobs again"),
            "opts": self.opts,
            "form": form,
            "keys": keys,
            "jobs": Job.objects.filter(pk__in=(keys or [])[:SHOWN]).defer("payload", "result").order_by("pk"),
            "most": MOST,
            "too_many": too_many,
        }
        return TemplateResponse(request, "admin/queue_table/redrive.html", context)


def _found(exception: str = "", **known: Any) -> tuple[list[int], bool]:
    """The oldest MOST of these jobs, and whether there are more. The error is looked for in them alone."""
    keys = failed_keys(**known, most=MOST + 1)
    oldest = keys[:MOST]
    return list(with_error(oldest, exception)) if exception else oldest, len(keys) > MOST


def _run(request: HttpRequest, keys: list[int], too_many: bool, form: FailedForm) -> HttpResponse:
    count = sum(redrive(keys, request.user.get_username()))
    text = ngettext("%(count)d failed job will run again.", "%(count)d failed jobs will run again.", count)
    messages.success(request, text % {"count": count})
    if too_many:
        messages.warning(request, _("There are more: press again."))
    which = ", ".join(f"{name} {value}" for name, value in form.given().items()) or "all"
    note_many(request, text % {"count": count}, CHANGE, f"run again: {which}")
    return HttpResponseRedirect(reverse("admin:queue_table_job_overview"))
