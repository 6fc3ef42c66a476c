"""The order log as staff read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model

from orders.lifecycle import OrderStatus, PaymentStatus, RefundStatus, ReturnStatus
from orders.models import Order, OrderEvent

WORDS: dict[str, Any] = {"": OrderStatus, "payment": PaymentStatus, "refund": RefundStatus, "return": ReturnStatus}


class Told(NamedTuple):
    """One row in words: what, of which payment or return, from where to where, by whom, from which address."""

    event: OrderEvent
    what: str
    subject: str
    source: str
    target: str
    by: str
    at: datetime


def retell(order: Order) -> list[Told]:
    """The whole log, oldest first."""
    events = list(order.events.order_by("position"))
    names = _names([event.staff_id for event in events if event.staff_id is not None])
    return [_told(event, names) for event in events]


def _told(event: OrderEvent, names: dict[int, str]) -> Told:
    thing, _, number = event.subject.partition(":")
    by = str(event.get_actor_display())
    if event.staff_id is not None:
        by = f"{by} {names.get(event.staff_id, f'#{event.staff_id}')}"
    return Told(
        event,
        what=str(event.get_kind_display()),
        subject=f"{thing} {number}".strip(),
        source=_word(thing, event.from_status),
        target=_word(thing, event.to_status),
        by=by,
        at=event.at,
    )


def _word(thing: str, status: str) -> str:
    """A status that this version of the code does not know is shown as it stands."""
    machine = WORDS.get(thing)
    return str(machine(status).label) if machine and status in machine.values else status


def _names(keys: Sequence[int]) -> dict[int, str]:
    users = get_user_model().objects.filter(pk__in=keys)
    return {user.pk: user.get_username() for user in users}
