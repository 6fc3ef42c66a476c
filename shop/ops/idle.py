"""Who may change the shop's rows is asked anew who he is, when he has been away."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

SEEN = "staff_seen_at"
NOTED_EVERY = 30  # seconds: his pages write no more often


def end_idle_staff_sessions(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a staff session ends STAFF_IDLE_MINUTES after its last page. A shopper's stays, unwritten."""

    def answer(request: HttpRequest) -> HttpResponse:
        if _is_of_staff(request) and _was_away(request):
            logout(request)
            messages.info(request, _("You were away for a while, so you have been logged out. Please log in again."))
        response = get_response(request)
        if _is_of_staff(request):
            _note(request)
        return response

    return answer


def _is_of_staff(request: HttpRequest) -> bool:
    # Without a log-in in the session there is nobody to look up.
    return SESSION_KEY in request.session and request.user.is_staff


def _was_away(request: HttpRequest) -> bool:
    seen = request.session.get(SEEN)
    return seen is not None and time.time() - seen > settings.STAFF_IDLE_MINUTES * 60


def _note(request: HttpRequest) -> None:
    now = int(time.time())
    if now - request.session.get(SEEN, 0) >= NOTED_EVERY:
        request.session[SEEN] = now
