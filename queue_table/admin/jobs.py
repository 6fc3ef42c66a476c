"""The list of jobs, and one job's page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from queue_table.admin.actions import JobActions
from queue_table.admin.changelist import JobChangeList, searched
from queue_table.admin.filters import KindFilter, QueueFilter, StateFilter
from queue_table.admin.overview import OverviewPage
from queue_table.admin.pausing import PausingPages
from queue_table.admin.reading import MOMENTS, JobReading, attempts, holds
from queue_table.admin.redriving import RedrivingPage
from queue_table.models import Job
from queue_table.querysets import JobQuerySet

COLUMNS: list[tuple[Any, list[str]]] = [
    (None, ["state", "why", "progress_made"]),
    (_("What it does"), ["kind", "task", "arguments", "outcome", "order_id", "user_info"]),
    (_("How it is run"), ["queue", "priority", "tries", "dedupe_key", "limit_key", "batch_id", "claimed_by"]),
    (
        _("When"),
        list(MOMENTS),
    ),
]


@admin.register(Job)
class JobAdmin(JobActions, JobReading, OverviewPage, PausingPages, RedrivingPage):
    """Rows are read, not edited: what may be done with them are the actions, each with its own permission and log."""

    list_display = ["id", "state", "what", "queue", "order_id", "tries", "turn"]
    list_filter = [StateFilter, QueueFilter, KindFilter]
    search_fields = ["id"]  # shows the field; what is searched stands below
    search_help_text = _("A job's number, an order's number in the database, a dedupe key, or a customer's reference.")
    sortable_by = []
    list_per_page = 50
    ordering = ["-id"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list[URLPattern]:
        pages = {"overview": self.overview, "pause": self.pause, "resume": self.resume, "redrive": self.redrive}
        own = [
            path(f"{name}/", self.admin_site.admin_view(page), name=f"queue_table_job_{name}")
            for name, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Job | None = None) -> Any:
        """The columns that hold something."""
        return [
            (title, {"fields": [MOMENTS.get(name, name) for name in names if holds(obj, name)]})
            for title, names in COLUMNS
        ]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[JobChangeList]:
        return JobChangeList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[JobQuerySet, bool]:
        text = search_term.strip()
        return (searched(queryset, text) if text else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        more = {"attempts_made": attempts(job), "can_do": self.can_do(request, job)} if job else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False
