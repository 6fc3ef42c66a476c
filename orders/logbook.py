"""How the order's own row moves, and how the log is written: always together, in the caller's transaction."""

from collections.abc import Collection

from orders.lifecycle import Actor, OrderStatus
from orders.models import Order, OrderEvent

NOTE_LENGTH = 250


def move(
    order: Order,
    target: OrderStatus,
    kind: OrderEvent.Kind,
    actor: Actor,
    note: str = "",
    only_from: Collection[OrderStatus] | None = None,
) -> bool:
    """One guarded move with its row. False if the order was there already; else raises IllegalMove."""
    source = order.status
    if not Order.objects.move(order.pk, target, only_from):
        return False
    log(order, kind, actor, moved=(source, target), note=note)
    return True


def log(
    order: Order,
    kind: OrderEvent.Kind,
    actor: Actor,
    *,
    moved: tuple[str, str] = ("", ""),
    note: str = "",
    subject: str = "",
) -> None:
    """One row of the order log. `subject` names what moved, if it is not the order itself."""
    OrderEvent.objects.create(
        order=order,
        kind=kind,
        actor=actor,
        subject=subject,
        from_status=moved[0],
        to_status=moved[1],
        note=note[:NOTE_LENGTH],
    )
