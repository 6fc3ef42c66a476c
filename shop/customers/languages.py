"""The language that a browser is answered in: a cookie, as the switch in the footer sets it."""

from django.conf import settings
from django.http import HttpResponse


def speak(response: HttpResponse, language: str) -> HttpResponse:
    """From now on this browser is answered in `language`; nothing changes if it is none of LANGUAGES."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    return response
