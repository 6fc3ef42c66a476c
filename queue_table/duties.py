"""Periodic duties without a scheduler: whoever comes by enqueues each due slot, and the slot's key lets it in once."""

from django.conf import settings

from queue_table.clock import epoch
from queue_table.outbox import enqueue_once
from queue_table.routes import find_task


def enqueue_due_duties() -> None:
    """Puts the present slot of every duty in QUEUE_DUTIES into the table, once however many hosts come by."""
    now = int(epoch())
    for path, seconds in settings.QUEUE_DUTIES.items():
        enqueue_once(find_task(path), f"{path}:{now // seconds * seconds}", kind="duty")
