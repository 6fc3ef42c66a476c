"""The pages that pause and resume a queue."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from queue_table.admin.asking import Question, ask, is_confirmed
from queue_table.admin.noting import note
from queue_table.models import PausedQueue
from queue_table.pausing import pause, resume

LONGEST_NAME = 64


class Switch(NamedTuple):
    """One way to turn it. `turn` says whether anything changed."""

    permission: str
    turn: Callable[[str, str], bool]
    logged: int
    title: Any
    text: Any
    button: Any
    done: Any
    already: Any


PAUSE = Switch(
    "queue_table.add_pausedqueue",
    pause,
    ADDITION,
    _("Pause the queue %(queue)s"),
    _("Jobs in hand go on to their end. All others wait, and new ones line up behind them, until it is resumed."),
    _("Yes, pause"),
    _("The queue %(queue)s is paused."),
    _("The queue %(queue)s was paused already."),
)
RESUME = Switch(
    "queue_table.delete_pausedqueue",
    resume,
    DELETION,
    _("Resume the queue %(queue)s"),
    _("Workers take its jobs again, at once."),
    _("Yes, resume"),
    _("The queue %(queue)s runs again."),
    _("The queue %(queue)s was not paused."),
)


class PausingPages(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    def pause(self, request: HttpRequest) -> HttpResponse:
        return self._turn(request, PAUSE)

    def resume(self, request: HttpRequest) -> HttpResponse:
        return self._turn(request, RESUME)

    def _turn(self, request: HttpRequest, switch: Switch) -> HttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(switch.permission)):
            raise PermissionDenied
        queue = _queue(request)
        overview = reverse("admin:queue_table_job_overview")
        if not is_confirmed(request):
            title = switch.title % {"queue": queue}
            question = Question(
                title=title, text=switch.text, button=switch.button, back=overview, hidden=[("queue", queue)]
            )
            return ask(self.admin_site, request, question)
        if switch.turn(queue, request.user.get_username()):
            note(request, [PausedQueue(queue=queue)], switch.logged)
            messages.success(request, switch.done % {"queue": queue})
        else:
            messages.info(request, switch.already % {"queue": queue})
        return HttpResponseRedirect(overview)


def _queue(request: HttpRequest) -> str:
    name = str(request.POST.get("queue") or request.GET.get("queue") or "")
    if not 0 < len(name) <= LONGEST_NAME:
        raise Http404("no queue is called so")
    return name
