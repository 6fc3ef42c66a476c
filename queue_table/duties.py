"""Periodic duties without a scheduler: whoever comes by enqueues each due slot, and the slot's key lets it in once.

Only the latest slot counts: what was missed while nobody came by is caught up by one run, not repeated. A slot's row
stays in the table at least until the next slot begins (see pruning.py), whatever became of it.
"""

import time
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from queue_table import clock
from queue_table.duty_slots import DutySlot, duty_slots
from queue_table.outbox import enqueue_once
from queue_table.routes import find_task

LOOK_AGAIN = timedelta(seconds=60)  # how long this process trusts its own clock before it asks the database's again


class Memory:
    """What this process has seen in the table. It spares queries; whoever loses it only asks again."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.quiet_until = 0.0

    def keep(self, slots: dict[str, DutySlot]) -> None:
        self.keys = {path: slot.key for path, slot in slots.items()}

    def rest(self, slots: dict[str, DutySlot], now: datetime) -> None:
        """Until the next slot begins, but no longer than a minute: a machine that sleeps stops its clock."""
        next_at = min((slot.ends_at for slot in slots.values()), default=now + LOOK_AGAIN)
        self.quiet_until = time.monotonic() + min(next_at - now, LOOK_AGAIN).total_seconds()


_memory = Memory()


def enqueue_due_duties(as_of: datetime | None = None) -> None:
    """Puts the present slot of every duty in QUEUE_DUTIES into the table, once however many hosts come by.

    Cheap enough to be called every second: without a new slot it asks for the database's clock once a minute.
    """
    if as_of is None and time.monotonic() < _memory.quiet_until:
        return
    now = as_of or clock.now()
    slots = duty_slots(now)
    for path, slot in slots.items():
        if _memory.keys.get(path) != slot.key:
            enqueue_once(find_task(path), slot.key, kind="duty")
    # Not before the commit: a slot that is rolled back was not enqueued.
    transaction.on_commit(partial(_memory.keep, slots))
    if as_of is None:
        transaction.on_commit(partial(_memory.rest, slots, now))


def forget() -> None:
    """As if this process had just begun: for tests, whose tables are emptied behind its back."""
    _memory.keys, _memory.quiet_until = {}, 0.0
