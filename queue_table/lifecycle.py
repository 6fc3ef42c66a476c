"""The states of a row in `order_queue`, with the origin's codes, and the stages of a ready row."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.IntegerChoices):
    READY = 0, _("ready")  # -> claimed, when a worker takes it; -> failed, when it is cancelled
    DONE = 1, _("done")  # the end: performed and settled
    CLAIMED = (2, _("claimed"))  # -> done | failed | ready (retry, snooze, given back, rescued)
    FAILED = 3, _("failed")  # out of attempts, discarded or cancelled; -> ready by staff only


class Stage(models.IntegerChoices):
    """What a ready row waits for. Only an available one lies in the claim's index, so no claim reads the others."""

    AVAILABLE = 0, pgettext_lazy("job", "available")  # a worker's turn
    SCHEDULED = 1, _("scheduled")  # its time, `available_at`
    BLOCKED = 2, _("blocked")  # a place under its limit key


SOURCES: dict[Status, frozenset[Status]] = {
    Status.READY: frozenset({Status.CLAIMED, Status.FAILED}),
    Status.CLAIMED: frozenset({Status.READY}),
    Status.DONE: frozenset({Status.CLAIMED}),
    Status.FAILED: frozenset({Status.CLAIMED, Status.READY}),
}
FINISHED = frozenset({Status.DONE, Status.FAILED})
