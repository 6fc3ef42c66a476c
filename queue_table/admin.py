"""The queue as staff see it: to read, and to run a failed job again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from queue_table.lifecycle import Status
from queue_table.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ["id", "kind", "status", "order_id", "task", "attempts", "created_at", "available_at", "finished_at"]
    list_filter = ["status", "kind", "queue"]
    search_fields = ["=order_id", "=user_info"]
    ordering = ["-id"]
    actions = ["run_again"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Rows are read, not edited; the action below has a permission of its own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_run_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("queue_table.change_job")

    @admin.action(description=_("Run failed jobs again"), permissions=["run_again"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        chosen = list(queryset.filter(status=Status.FAILED))
        count = Job.objects.filter(pk__in=[job.pk for job in chosen]).run_again()
        for job in chosen:
            self.log_change(request, job, "run again")
        text = ngettext("%(count)d failed job will run again.", "%(count)d failed jobs will run again.", count)
        messages.success(request, text % {"count": count})
