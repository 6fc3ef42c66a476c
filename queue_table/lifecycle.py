"""The states of a row in `order_queue`, with the origin's codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.IntegerChoices):
    READY = 0, _("ready")  # -> claimed, when a worker takes it
    DONE = 1, _("done")  # the end: performed and settled
    CLAIMED = (2, _("claimed"))  # -> done | failed | ready (retry, snooze, given back, rescued)
    FAILED = 3, _("failed")  # out of attempts or discarded; -> ready by staff only


SOURCES: dict[Status, frozenset[Status]] = {
    Status.READY: frozenset({Status.CLAIMED, Status.FAILED}),
    Status.CLAIMED: frozenset({Status.READY}),
    Status.DONE: frozenset({Status.CLAIMED}),
    Status.FAILED: frozenset({Status.CLAIMED}),
}
FINISHED = frozenset({Status.DONE, Status.FAILED})
