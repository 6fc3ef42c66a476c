"""Calls to Stripe by its own SDK, over a transport with limits: no redirects, no endless answers, no retries.

Who calls again is the queue, with the same idempotency key.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import stripe
import urllib3
from django.conf import settings

from orders.exceptions import GatewayDown, GatewayRefused

CONNECT, READ, WHOLE = 5.0, 10.0, 20.0  # seconds
LARGEST, PIECE = 1024 * 1024, 16 * 1024


class Transport(stripe.HTTPClient):
    name = "urllib3"

    def __init__(self) -> None:
        super().__init__()
        self.pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=CONNECT, read=READ))

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        try:
            answer = self.pool.request(
                method, url, headers=headers, body=post_data, redirect=False, preload_content=False
            )
            try:
                content = _read(answer)
            finally:
                answer.close()
        except (urllib3.exceptions.HTTPError, OSError, UnicodeDecodeError) as error:
            refusal: Exception = stripe.APIConnectionError(f"no whole answer: {type(error).__name__}")  # type: ignore[no-untyped-call]
            raise refusal from error
        return content, answer.status, answer.headers

    def close(self) -> None:
        self.pool.clear()


def _read(answer: urllib3.BaseHTTPResponse) -> str:
    """The body, if it comes in time and is not too big: a line that drips holds nobody for ever."""
    content, deadline = b"", time.monotonic() + WHOLE
    while piece := answer.read1(PIECE):
        content += piece
        if len(content) > LARGEST or time.monotonic() > deadline:
            raise OSError("too big, or too slow")
    return content.decode()


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": base}, http_client=Transport(), max_network_retries=0)


@contextmanager
def stripe_api() -> Iterator[Any]:
    """Stripe's API. Inside of it, what Stripe answers becomes GatewayRefused (a plain no) or GatewayDown (the rest)."""
    try:
        yield _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise GatewayRefused(f"{error.code or error.http_status}: {error.user_message or error}"[:200]) from error
    except (stripe.StripeError, KeyError, TypeError) as error:
        raise GatewayDown(type(error).__name__) from error
