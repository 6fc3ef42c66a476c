"""Tells the order log who sits at the other end of a request."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from orders.acting import acting


class Visitor:
    """Who sent the request. Nothing of it is read, not even the session, before the log asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def address(self) -> str:
        """As the limits on log-in count it: behind a proxy it is what the proxy says."""
        try:
            return str(get_adapter(self._request).get_client_ip(self._request))
        except PermissionDenied:  # no address is told, or none that could be one
            return ""

    @property
    def staff_id(self) -> int | None:
        user = self._request.user
        return user.pk if user.is_staff else None


def known_to_the_log(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what customers and staff do in this request, the order log knows them by."""

    def answer(request: HttpRequest) -> HttpResponse:
        with acting(Visitor(request)):
            return get_response(request)

    return answer
