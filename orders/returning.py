"""Returns, as customers open them and as they go on. Each verb is one transaction with its log row and its messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from orders.exceptions import IllegalMove
from orders.lifecycle import Actor, ReturnStatus
from orders.logbook import log
from orders.models import Order, OrderEvent, Return, ReturnLine, ReturnPhoto
from orders.return_window import returnable
from queue_table.messages import PurchaseWithdrawn, ReturnAnswered, ReturnEnded, ReturnOpened, ReturnReceived
from queue_table.outbox import publish

Kind = OrderEvent.Kind
ANSWERS = {ReturnStatus.APPROVED: Kind.RETURN_APPROVED, ReturnStatus.REJECTED: Kind.RETURN_REJECTED}


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture that was made anew; its size in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many pieces of a return's line came back, and whether they can be sold again."""

    pieces: int
    restock: bool


@transaction.atomic
def request_return(
    order_id: int,
    quantities: Mapping[int, int],
    *,
    reason: str,
    words: str,
    now: datetime,
    photos: Sequence[Photo] = (),
) -> Return:
    """Asks for a return of so many pieces of the lines with these keys.

    Raises IllegalMove, with nothing written, if an earlier one still waits for its answer (so a second tab or click
    asks for nothing more), or if a line is not the order's or has fewer pieces left.
    """
    order = Order.objects.select_for_update().get(pk=order_id)  # two tabs, one after the other
    if order.returns.filter(status=ReturnStatus.REQUESTED).exists():
        raise IllegalMove(f"order {order} has a return that waits for its answer")
    asked = _open(order, quantities, now, reason=reason, words=words)
    ReturnPhoto.objects.bulk_create(
        ReturnPhoto(parent=asked, content=one.content, width=one.width, height=one.height, taken_in_at=now)
        for one in photos
    )
    _log(asked, Kind.RETURN_REQUESTED, Actor.CUSTOMER, ("", asked.status), reason)
    return asked


@transaction.atomic
def withdraw_purchase(order_id: int, quantities: Mapping[int, int], *, known: int, now: datetime) -> Return:
    """The customer's right: he need not say why, and nobody has to approve. Of so many pieces of these lines.

    `known` is how many returns the order had when he was asked whether he means it: a second press finds one more.
    Raises IllegalMove then, outside the window, and for more pieces than are left; nothing was written.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if order.returns.count() != known:
        raise IllegalMove(f"order {order} has another return meanwhile")
    asked = _open(order, quantities, now, reason=Return.Reason.WITHDRAWAL, status=ReturnStatus.APPROVED)
    _log(asked, Kind.PURCHASE_WITHDRAWN, Actor.CUSTOMER, ("", asked.status))
    publish(PurchaseWithdrawn(**order.reference, return_id=asked.pk))
    return asked


@transaction.atomic
def answer_return(asked: Return, target: ReturnStatus, actor: Actor, note: str = "") -> bool:
    """Approves or rejects it; True for the first to say so. Raises IllegalMove if it was decided otherwise before."""
    if not _move(asked, target, ANSWERS[target], actor, note, note=note):
        return False
    _publish(ReturnAnswered, asked)
    if target == ReturnStatus.REJECTED:
        _publish(ReturnEnded, asked)
    return True


@transaction.atomic
def withdraw_return(asked: Return) -> bool:
    """The customer keeps the goods after all. Raises IllegalMove once they are on their way, or it was refused."""
    if _hold(asked) == ReturnStatus.IN_TRANSIT:
        raise IllegalMove(f"return {asked.pk} is on its way")
    if not _move(asked, ReturnStatus.CANCELLED, Kind.RETURN_CANCELLED, Actor.CUSTOMER):
        return False
    _publish(ReturnEnded, asked)
    return True


@transaction.atomic
def close_return(asked: Return, note: str) -> bool:
    """Staff end a return of which nothing came; the customer reads why."""
    if not _move(asked, ReturnStatus.CANCELLED, Kind.RETURN_CANCELLED, Actor.STAFF, note, note=note):
        return False
    _publish(ReturnAnswered, asked)
    _publish(ReturnEnded, asked)
    return True


@transaction.atomic
def mark_sent(asked: Return, actor: Actor, tracking_number: str = "") -> bool:
    """The goods are on their way back. Twice is once, and the first number stays."""
    return _move(asked, ReturnStatus.IN_TRANSIT, Kind.RETURN_SENT, actor, tracking_number=tracking_number)


@transaction.atomic
def receive_return(asked: Return, counts: Mapping[int, Count], actor: Actor) -> bool:
    """The goods are back, so many of each of the return's lines, by their keys. True for the first to count them.

    Raises IllegalMove, with nothing written, if nothing came, if more came of a line than was to, or if no goods are
    awaited.
    """
    lines = {line.pk: line for line in asked.lines.all()}
    fits = set(counts) == set(lines) and all(0 <= counts[key].pieces <= lines[key].quantity for key in lines)
    if not fits or not any(count.pieces for count in counts.values()):
        raise IllegalMove(f"return {asked.pk} can't be received like this")
    if not _move(asked, ReturnStatus.RECEIVED, Kind.RETURN_RECEIVED, actor):
        return False
    for key, count in counts.items():
        restocked = count.restock and count.pieces > 0
        ReturnLine.objects.filter(pk=key).update(received=count.pieces, restocked=restocked)
    _publish(ReturnReceived, asked)
    return True


def _open(order: Order, quantities: Mapping[int, int], now: datetime, **columns: str) -> Return:
    left = {line.pk: pieces for line, pieces in returnable(order, now).items()}
    if not quantities or any(not 1 <= pieces <= left.get(key, 0) for key, pieces in quantities.items()):
        raise IllegalMove(f"order {order} has not so many pieces to return")
    asked = Return.objects.create(order=order, requested_at=now, **columns)
    ReturnLine.objects.bulk_create(
        ReturnLine(parent=asked, line_id=key, quantity=pieces) for key, pieces in sorted(quantities.items())
    )
    _publish(ReturnOpened, asked)
    return asked


def _hold(asked: Return) -> str:
    """Its status, which stays so from here to the commit. Whoever changes a return holds its order first: its log needs
    the order's row anyway, and so nobody deadlocks."""
    asked.order = Order.objects.select_for_update().get(pk=asked.order_id)
    return Return.objects.values_list("status", flat=True).get(pk=asked.pk)


def _move(asked: Return, target: ReturnStatus, kind: Kind, actor: Actor, words: str = "", **columns: str) -> bool:
    source = _hold(asked)
    if not Return.objects.move(asked.pk, target, **columns):
        return False
    _log(asked, kind, actor, (source, target), words)
    return True


def _publish(message: type[ReturnAnswered | ReturnEnded | ReturnOpened | ReturnReceived], asked: Return) -> None:
    publish(message(**asked.order.reference, return_id=asked.pk))


def _log(asked: Return, kind: Kind, actor: Actor, moved: tuple[str, str], note: str = "") -> None:
    log(asked.order, kind, actor, moved=moved, note=note, subject=asked.subject)
