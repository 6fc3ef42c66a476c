"""Links that open one order to whoever holds them."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings

from orders.exceptions import UnknownLink
from orders.models import Order, OrderLink


def mint_link(order: Order, now: datetime) -> str:
    """A new token for the order, good for ORDER_LINK_DAYS. It is told here once and stored nowhere."""
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=settings.ORDER_LINK_DAYS)
    OrderLink.objects.create(order=order, token_hash=_digest(token), created_at=now, expires_at=expires_at)
    return token


def live_link(token: str, as_of: datetime) -> OrderLink:
    """The link of this token, with its order. Raises UnknownLink for one that never was, or whose time is over."""
    live = OrderLink.objects.select_related("order").filter(expires_at__gt=as_of)
    link = live.filter(token_hash=_digest(token)).first()
    if link is None:
        raise UnknownLink
    return link


def forget_links(as_of: datetime) -> None:
    """Deletes what opens nothing any more."""
    OrderLink.objects.filter(expires_at__lte=as_of).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
