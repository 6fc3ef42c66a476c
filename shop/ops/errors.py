"""The pages for what goes wrong on our side. They ask no database."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 30
AWAY = (InterfaceError, OperationalError)
LAST_WORDS = "<!doctype html><title>Sorry</title><p>Something broke on our side. Please try again in a minute."
logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: 503 if the database was away, too busy or gone half-way, for then the same request may do
    better in a moment; 500 for all else."""
    if isinstance(sys.exc_info()[1], AWAY):
        return HttpResponse(_page("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return HttpResponse(_page("500.html"), status=500)


def _page(template: str) -> str:
    try:
        return render_to_string(template)
    except Exception:  # whatever it is: a page about a failure must come
        logger.exception("The page %s can't be made", template)
        return LAST_WORDS
