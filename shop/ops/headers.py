"""A header that no library of ours sets."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def same_origin_resources(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no other site may embed what the shop answers."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return answer
