"""What staff may do with jobs: run failed ones again, run scheduled ones now, cancel."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from queue_table.cancelling import cancel
from queue_table.models import Job
from queue_table.redriving import redrive, run_now


def _run_again(keys: list[int], by: str, reason: str) -> str:
    count = sum(redrive(keys, by))
    return ngettext("%(count)d failed job will run again.", "%(count)d failed jobs will run again.", count) % {
        "count": count
    }


def _run_now(keys: list[int], by: str, reason: str) -> str:
    count = run_now(keys, by)
    return ngettext("%(count)d scheduled job runs now.", "%(count)d scheduled jobs run now.", count) % {"count": count}


def _cancel(keys: list[int], by: str, reason: str) -> str:
    ended = cancel(Job.objects.filter(pk__in=keys), by, reason)
    text = _("Cancelled: %(cancelled)d. Running, and asked to end: %(asked)d.")
    return text % {"cancelled": ended.cancelled, "asked": ended.asked}


class Deed(NamedTuple):
    """One thing to do, for jobs in some `states`. `do` gets keys, the name of who wants it, and a reason."""

    name: str
    states: Collection[str]
    title: Any
    text: Any
    button: Any
    yes: Any
    do: Callable[[list[int], str, str], str]


RUN_AGAIN = Deed(
    "run_again",
    {"failed"},
    _("Run failed jobs again"),
    _("They get all their attempts back and keep their errors. Is the cause mended?"),
    _("Run again"),
    _("Yes, run again"),
    _run_again,
)
RUN_NOW = Deed(
    "run_now",
    {"scheduled"},
    _("Run scheduled jobs now"),
    _("They do not wait for their time any longer."),
    _("Run now"),
    _("Yes, run now"),
    _run_now,
)
CANCEL = Deed(
    "cancel",
    {"due", "scheduled", "blocked", "running"},
    _("Cancel jobs"),
    _("What waits fails at once. What runs is asked to end, and is not tried again."),
    _("Cancel"),
    _("Yes, cancel"),
    _cancel,
)
DEEDS = (RUN_AGAIN, RUN_NOW, CANCEL)
