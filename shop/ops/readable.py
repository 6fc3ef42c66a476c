"""What of a request no page could read, put right before any page reads it."""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

NUL = "\x00"  # no text of ours holds it, and PostgreSQL has no column that would
BOUNDARY = re.compile(r';\s*boundary="?([^\s";]+)', re.IGNORECASE)


def in_utf8(application: Callable[..., Any]) -> Callable[..., Any]:
    """WSGI middleware: whatever alphabet a request names, it is read as UTF-8.

    Python has alphabets that make no text, or text that no database takes, and Django tries the one that is named
    before its own middleware, where nobody turns an error into a page.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        named = environ.get("CONTENT_TYPE", "")
        boundary = BOUNDARY.search(named)
        environ["CONTENT_TYPE"] = named.partition(";")[0] + (f"; boundary={boundary[1]}" if boundary else "")
        return application(environ, start_response)

    return answer


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no query and no cookie holds a NUL. Those of forms are told beside their fields."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META["QUERY_STRING"] or NUL in request.META["QUERY_STRING"]:
            raise BadRequest("a NUL in the query")
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in value}
        return get_response(request)

    return answer
