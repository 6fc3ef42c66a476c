"""How a row's columns read."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from queue_table.admin.filters import WORDS, state_of
from queue_table.explaining import explain
from queue_table.models import Job


class JobReading(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    @admin.display(description=_("state"))
    def state(self, job: Job) -> SafeString:
        name = state_of(job)
        asked = format_html(" <small>({})</small>", _("cancelled")) if job.cancel_requested_at else ""
        return format_html('<span class="job-state {}">{}</span>{}', name, WORDS[name], asked)

    @admin.display(description=_("why"))
    def why(self, job: Job) -> str:
        return explain(job)

    @admin.display(description=_("kind and task"))
    def what(self, job: Job) -> SafeString:
        return format_html('{}<br><small title="{}">{}</small>', job.kind, job.task, job.task.rpartition(".")[2])

    @admin.display(description=_("due or over"))
    def turn(self, job: Job) -> SafeString:
        return _day_and_time(job.finished_at or job.available_at)

    @admin.display(description=_("attempts"))
    def tries(self, job: Job) -> str:
        return _("%(made)s of %(most)s") % {"made": job.attempts, "most": job.max_attempts}

    @admin.display(description=_("progress"))
    def progress_made(self, job: Job) -> SafeString:
        return _progress(job.progress or {})

    @admin.display(description=_("arguments"))
    def arguments(self, job: Job) -> SafeString:
        return _readable(job.payload)

    @admin.display(description=_("result"))
    def outcome(self, job: Job) -> SafeString:
        return _readable(job.result)


LABELS = {field.name: field.verbose_name for field in Job._meta.fields}


def _moment_in(column: str) -> Callable[[Job], str]:
    @admin.display(description=LABELS[column])
    def shown(job: Job) -> str:
        return timezone.localtime(getattr(job, column)).isoformat(" ", "seconds")

    return shown


MOMENTS = {
    column: _moment_in(column)
    for column in (
        "created_at",
        "available_at",
        "claimed_at",
        "lease_expires_at",
        "cancel_requested_at",
        "finished_at",
        "updated_at",
    )
}
SHOWN_AS = {"progress_made": "progress", "outcome": "result"}


def holds(job: Job | None, column: str) -> bool:
    """False if there is nothing to show."""
    return getattr(job, SHOWN_AS.get(column, column), True) not in (None, "")


class Attempt(NamedTuple):
    """One attempt's error, as it is shown."""

    number: int
    at: datetime | None
    exception: str
    traceback: str


def attempts(job: Job) -> list[Attempt]:
    """The errors that were kept, the last one first."""
    return [
        Attempt(
            error.get("attempt", 0), _moment(error.get("at")), error.get("exception", ""), error.get("traceback", "")
        )
        for error in reversed(job.errors)
    ]


def _day_and_time(moment: datetime) -> SafeString:
    here = timezone.localtime(moment)
    return format_html(
        '<span class="moment">{} <span>{}</span></span>', here.date().isoformat(), here.strftime("%H:%M")
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _progress(progress: dict[str, Any]) -> SafeString:
    done, total, note = progress.get("done"), progress.get("total"), progress.get("note", "")
    if not total:
        return format_html("{} {}", done, note)
    return format_html('<progress max="{}" value="{}"></progress> {} / {} {}', total, done, done, total, note)


def _readable(value: object) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))
