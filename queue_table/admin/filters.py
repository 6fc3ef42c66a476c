"""What the list of jobs is narrowed by. The choices are names known from elsewhere: no row is scanned for them."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from queue_table.counting import CLAIMED
from queue_table.known_names import known_kinds, known_queues
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job

# With conditions that lead to the state's own index.
STATES: dict[str, dict[str, Any]] = {
    "due": {"status": Status.READY, "stage": Stage.AVAILABLE},
    "scheduled": {"status": Status.READY, "stage": Stage.SCHEDULED},
    "blocked": {"status": Status.READY, "stage": Stage.BLOCKED, "limit_key__isnull": False},
    "done": {"status": Status.DONE},
    "failed": {"status": Status.FAILED},
}
WORDS = {
    "due": _("due"),
    "scheduled": _("scheduled"),
    "blocked": _("blocked"),
    "running": _("running"),
    "done": _("done"),
    "failed": _("failed"),
}


def state_of(job: Job) -> str:
    """The state's name: that of its stage while the row is ready."""
    ready = {Stage.AVAILABLE: "due", Stage.SCHEDULED: "scheduled", Stage.BLOCKED: "blocked"}
    over = {Status.CLAIMED: "running", Status.DONE: "done", Status.FAILED: "failed"}
    return over.get(Status(job.status)) or ready[Stage(job.stage)]


class StateFilter(SimpleListFilter):
    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value() == "running":  # few: their keys are read first, else all rows are walked in search of them
            return queryset.filter(pk__in=list(CLAIMED.values_list("pk", flat=True)))
        return queryset.filter(**STATES.get(self.value() or "", {}))


class QueueFilter(SimpleListFilter):
    title, parameter_name = _("queue"), "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in known_queues()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(queue=self.value()) if self.value() else queryset


class KindFilter(SimpleListFilter):
    title, parameter_name = _("kind"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in known_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset
