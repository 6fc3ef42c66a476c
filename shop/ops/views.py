"""What machines ask about the shop's health."""

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from queue_table.metrics import CONTENT_TYPE, exposition
from queue_table.readiness import readiness

PLAIN = "text/plain; charset=utf-8"
LOOPBACK = {"127.0.0.1", "::1"}
PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if the queue works, 503 if it does not. The reasons are for the shop's own machine, and for the bearer of
    METRICS_TOKEN."""
    found = readiness()
    short = "Ready.\n" if found.ready else "Not ready.\n"
    text = "".join(f"{line}\n" for line in found.lines) if _is_local(request) or _bears_token(request) else short
    return HttpResponse(text, content_type=PLAIN, status=200 if found.ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The queue's numbers, for the bearer of METRICS_TOKEN. Without such a token there is no such page."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("There is no such page.\n", content_type=PLAIN, status=404)
    if not _bears_token(request):
        refusal = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("The token is missing or wrong.\n", content_type=PLAIN, status=401, headers=refusal)
    try:
        return HttpResponse(exposition(), content_type=CONTENT_TYPE)
    except Error as error:  # its text may name hosts and users
        text = f"The database does not answer as it should ({type(error).__name__}).\n"
        return HttpResponse(text, content_type=PLAIN, status=503)


def _is_local(request: HttpRequest) -> bool:
    """Asked by this machine, and not by a proxy on it that passes on the question of another."""
    asked_by = request.META.get("REMOTE_ADDR", "")
    return asked_by in LOOPBACK and not any(name in request.headers for name in PASSED_ON)


def _bears_token(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}")
