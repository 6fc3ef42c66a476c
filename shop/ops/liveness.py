"""Whether a kept database connection still lives."""

import time
from typing import Any

from django.db import connections

TRUSTED_SECONDS = 1


def ask_once_a_second(**_request: Any) -> None:
    """Hears `request_started`, after Django's own receiver, which has each request ask its connection first. Of many
    requests in a second one asks; what breaks in that second is answered with 503, and mended by the next."""
    for connection in connections.all(initialized_only=True):
        asked_at, now = getattr(connection, "asked_at", -TRUSTED_SECONDS), time.monotonic()
        if now < asked_at + TRUSTED_SECONDS:
            connection.health_check_done = True  # type: ignore[attr-defined]
        else:
            connection.asked_at = now  # type: ignore[attr-defined]
