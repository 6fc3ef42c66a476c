"""Returns in each state, for tests that begin there."""

import io
from datetime import datetime
from typing import Any

from PIL import Image

from orders.lifecycle import Actor, ReturnStatus
from orders.models import Order, Return
from orders.returning import Count, answer_return, receive_return, request_return
from orders.services import complete_order, note_dispatch
from queue_table import clock
from tests.shopping import paid_order


def dispatched_order(quantity: int = 3) -> Order:
    """Paid, and out of the house; its parcel is delivery's, and there is none."""
    order = paid_order(quantity=quantity)
    note_dispatch(order.pk)
    return order


def received_order(quantity: int = 3) -> Order:
    order = dispatched_order(quantity)
    complete_order(order.pk, Actor.CUSTOMER)
    order.refresh_from_db()
    return order


def asked_for(order: Order, pieces: int = 2, now: datetime | None = None) -> Return:
    """A return of so many pieces of the order's one line."""
    return request_return(order.pk, {order.lines.get().pk: pieces}, reason="broken", words="", now=now or clock.now())


def approved(order: Order, pieces: int = 2) -> Return:
    asked = asked_for(order, pieces)
    answer_return(asked, ReturnStatus.APPROVED, Actor.STAFF)
    return asked


def counted(asked: Return, pieces: int, *, restock: bool = True) -> bool:
    """Staff count so many pieces of the return's one line."""
    return receive_return(asked, {asked.lines.get().pk: Count(pieces=pieces, restock=restock)}, Actor.STAFF)


def photo(size: tuple[int, int] = (400, 300), kind: str = "JPEG", **more: Any) -> io.BytesIO:
    """A picture as a telephone sends it."""
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, kind, **more)
    file.name = "IMG_0001 My kitchen.jpg"
    file.seek(0)
    return file
