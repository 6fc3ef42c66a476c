"""The list's actions and the buttons on a job's page: each asks first, needs a permission, and is logged."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from queue_table.admin.asking import Question, ask, is_confirmed
from queue_table.admin.changelist import number
from queue_table.admin.deeds import CANCEL, DEEDS, RUN_AGAIN, RUN_NOW, Deed
from queue_table.admin.filters import state_of
from queue_table.admin.noting import note
from queue_table.models import Job

MOST = 100  # jobs in one request: a page of the list
OWN_PAGE = "own_page"


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False, help_text=_("Kept with waiting jobs."))


class JobActions(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    actions = ["run_again", "run_now", "cancel"]

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("queue_table.change_job")

    def can_do(self, request: HttpRequest, job: Job) -> list[Deed]:
        return [deed for deed in DEEDS if state_of(job) in deed.states and self.has_act_permission(request)]

    @admin.action(description=RUN_AGAIN.title, permissions=["act"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        return self._do(request, RUN_AGAIN)

    @admin.action(description=RUN_NOW.title, permissions=["act"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        return self._do(request, RUN_NOW)

    @admin.action(description=CANCEL.title, permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        return self._do(request, CANCEL)

    def _do(self, request: HttpRequest, deed: Deed) -> HttpResponse:
        jobs = [job for job in _chosen(request) if state_of(job) in deed.states]
        form = ReasonForm(request.POST if is_confirmed(request) else None)
        if not jobs:
            messages.warning(request, _("None of the chosen jobs is in a state for this."))
        elif not is_confirmed(request) or not form.is_valid():
            return ask(self.admin_site, request, _question(request, deed, jobs, form))
        else:
            done = deed.do([job.pk for job in jobs], request.user.get_username(), form.cleaned_data["reason"])
            note(request, jobs, CHANGE, deed.name.replace("_", " "))
            messages.success(request, done)
        return HttpResponseRedirect(_back(request))


def _chosen(request: HttpRequest) -> list[Job]:
    """By their marks alone: no action goes to all rows that a filter finds."""
    keys = [number(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME)[:MOST]]
    return list(Job.objects.filter(pk__in=[key for key in keys if key is not None]).defer("payload", "result"))


def _question(request: HttpRequest, deed: Deed, jobs: list[Job], form: ReasonForm) -> Question:
    marks = [(ACTION_CHECKBOX_NAME, job.pk) for job in jobs]
    return Question(
        title=deed.title,
        text=deed.text,
        button=deed.yes,
        back=_back(request),
        action=request.get_full_path(),
        hidden=[("action", deed.name), (OWN_PAGE, request.POST.get(OWN_PAGE, "")), *marks],
        jobs=jobs,
        form=form if deed is CANCEL else None,
    )


def _back(request: HttpRequest) -> str:
    """To the job's own page if the button stood there, else to the list as it was."""
    key = number(request.POST.get(OWN_PAGE, ""))
    return request.get_full_path() if key is None else reverse("admin:queue_table_job_change", args=[key])
