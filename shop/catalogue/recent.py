"""What a browser has looked at last. It keeps the list itself, in a cookie of its own: a session would cost the shop a
row for every crawler that passes, and a write for every page that somebody reads."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

MOST = 8
KEPT_SECONDS = 60 * 60 * 24 * 60
WRITTEN = re.compile(rf"[1-9][0-9]{{0,17}}(-[1-9][0-9]{{0,17}}){{0,{MOST - 1}}}")


def seen(request: HttpRequest) -> list[int]:
    """Keys of products, the latest first. They are the browser's word: it may name any, or what is long gone."""
    text = request.COOKIES.get(_name(), "")
    return [int(key) for key in text.split("-")] if WRITTEN.fullmatch(text) else []


def remember(request: HttpRequest, response: HttpResponse, product: int) -> None:
    """Puts the product first. Sends nothing when it stands there already."""
    before = seen(request)
    now = list(dict.fromkeys([product, *before]))[:MOST]
    if now != before:
        response.set_cookie(
            _name(),
            "-".join(map(str, now)),
            max_age=KEPT_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _name() -> str:
    return "__Host-seen" if settings.SESSION_COOKIE_SECURE else "seen"
