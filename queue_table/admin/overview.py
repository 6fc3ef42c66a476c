"""The page that shows all queues at one look."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from queue_table.admin.filters import WORDS
from queue_table.depth import QueueDepth
from queue_table.models import PausedQueue
from queue_table.overview import Overview, Slice, overview
from queue_table.pictures import Part, bars, columns, round_up

SHOWN = ("due", "scheduled", "blocked", "running", "failed")


class Line(NamedTuple):
    """One number of a queue, and the list of the jobs behind it."""

    state: str
    word: str
    number: str
    address: str


class Card(NamedTuple):
    depth: QueueDepth
    picture: SafeString
    lines: Sequence[Line]
    paused: PausedQueue | None
    oldest: str


class Chart(NamedTuple):
    """A row of columns with what stands at its ends."""

    title: str
    picture: SafeString
    top: str
    begins: Any
    slices: Sequence[Slice]


class OverviewPage(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    def overview(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = overview()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Queues"),
            "opts": self.opts,
            "cards": _cards(seen),
            "charts": [_done(seen.hour), _not_done(seen.day)],
            "sums": _sums(seen),
            "now": timezone.now(),
        }
        return TemplateResponse(request, "admin/queue_table/overview.html", context)


def _cards(seen: Overview) -> list[Card]:
    longest = max((getattr(depth, name) for depth in seen.depths for name in SHOWN), default=0)
    return [_card(depth, longest, seen.paused.get(depth.queue)) for depth in seen.depths]


def _card(depth: QueueDepth, longest: int, paused: PausedQueue | None) -> Card:
    lines = [Line(name, str(WORDS[name]), _count(depth, name), _jobs(depth.queue, name)) for name in SHOWN]
    title = f"{depth.queue}: {', '.join(f'{line.word} {line.number}' for line in lines)}"
    picture = bars(title, [Part(name, getattr(depth, name)) for name in SHOWN], longest)
    return Card(depth, picture, lines, paused, _age(depth.oldest_due_seconds))


def _count(depth: QueueDepth, name: str) -> str:
    return _grouped(getattr(depth, name)) + ("+" if name in depth.at_least else "")


def _jobs(queue: str, state: str) -> str:
    return f"{reverse('admin:queue_table_job_changelist')}?{urlencode({'queue': queue, 'state': state})}"


def _done(hour: Sequence[Slice]) -> Chart:
    title = _("Done per minute, in the last hour: %(sum)s, at most %(most)s in a minute")
    stacks = [[Part("done", each.done)] for each in hour]
    return _chart(title, _("an hour ago"), hour, stacks)


def _not_done(day: Sequence[Slice]) -> Chart:
    title = _("Failed and tried again per half-hour, in the last day: %(sum)s, at most %(most)s in a half-hour")
    stacks = [[Part("failed", each.failed), Part("retried", each.retried)] for each in day]
    return _chart(title, _("a day ago"), day, stacks)


def _chart(title: Any, begins: Any, slices: Sequence[Slice], stacks: Sequence[Sequence[Part]]) -> Chart:
    heights = [sum(part.number for part in stack) for stack in stacks]
    top = round_up(max(heights))
    said = title % {"sum": _grouped(sum(heights)), "most": _grouped(max(heights))}
    return Chart(said, columns(said, stacks, top), _grouped(top), begins, slices)


def _sums(seen: Overview) -> dict[str, Any]:
    totals = {name: _grouped(sum(getattr(depth, name) for depth in seen.depths)) for name in (*SHOWN, "lease_over")}
    oldest = max((depth.oldest_due_seconds for depth in seen.depths), default=0)
    return {**totals, "oldest": _age(oldest), "done": _grouped(sum(each.done for each in seen.hour))}


def _age(seconds: int) -> str:
    """In words, to the minute; empty for less than one."""
    now = timezone.now()
    return timesince(now - timedelta(seconds=seconds), now, depth=1) if seconds >= 60 else ""


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
