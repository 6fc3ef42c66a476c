"""A paused queue keeps its rows: nothing is claimed from it until it is resumed. Jobs in hand go on to their end."""

import logging

from queue_table import bell
from queue_table.models import PausedQueue

logger = logging.getLogger(__name__)


def pause(queue: str, by: str) -> bool:
    """True if the queue ran until now. A claim that is under way at this moment may still take its rows."""
    _, new = PausedQueue.objects.get_or_create(queue=queue, defaults={"paused_by": by})
    if new:
        logger.info("queue %s was paused by %s", queue, by)
    return new


def resume(queue: str, by: str) -> bool:
    """True if the queue was paused until now. Idle workers look at it at once."""
    gone, _ = PausedQueue.objects.filter(queue=queue).delete()
    if gone:
        bell.ring()
        logger.info("queue %s was resumed by %s", queue, by)
    return bool(gone)


def paused_queues() -> set[str]:
    return set(PausedQueue.objects.values_list("queue", flat=True))
