"""Headers that no library of ours sets, and which answers are compressed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

TEXTS = ("text/", "application/json", "application/xml", "image/svg+xml")


def own_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no other site may embed what the shop answers, and nobody in between may keep it.

    A page shows its reader's cart and carries his form token. What is the same for all says so by itself: static
    files, pictures. Of the account not even the browser keeps anything, to show it after the log-out; a library's
    pages say so only in part.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(reverse("account")):
            add_never_cache_headers(response)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return answer


class CompressTexts(GZipMiddleware):
    """Django's, which hides the length from those who would guess a token by it; pictures are compressed already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith(TEXTS):
            return super().process_response(request, response)
        return response
