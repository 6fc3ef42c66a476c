"""Which blocked rows of a key may be admitted: a place that is given to a row which nobody takes is lost to the key.

Rows of paused queues and of tasks that nobody here knows are passed over. What can't be known beforehand shows itself:
no worker serves the queue, or none of them knows the task. The admitted rows of a queue and task, a lane, then stay
unclaimed; where others of the key wait, they are put back, and for a while the lane's rows come after all others.

Nothing starves by that: in each AVOIDED_SECONDS a lane has its turn for STALLED_SECONDS, and all the time while no
other lane waits. Nor do rows go back and forth: a lane is put back once in AVOIDED_SECONDS, and only for a row of
another one that is not avoided. And no key has more under way than its limit: who puts back holds the key's gate, as
does who admits; the row's claim and its putting back are guarded updates, of which one finds it; and what was put back
has left the count before the next is admitted by that count.
"""

import json
import time
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import NamedTuple

from django.db.models.functions import Now

from queue_table import clock
from queue_table.exceptions import UnknownTask
from queue_table.guards import standing
from queue_table.lifecycle import Stage, Status
from queue_table.limit_survey import STALLED_SECONDS, Standing
from queue_table.models import Job, PausedQueue, QueueLimit
from queue_table.routes import find_task

AVOIDED_SECONDS = 30
LOOKING_SHARE = 20  # at most a twentieth of the time goes into searching in vain among the rows of one key


class Lane(NamedTuple):
    """Rows of a key that are taken, or not, by the same workers."""

    queue: str
    task: str


class Turn(NamedTuple):
    """A blocked row that may be admitted."""

    pk: int
    task: str


class Pauses:
    """Until when no key is searched again in which nothing was found."""

    def __init__(self) -> None:
        self.until: dict[str, float] = {}

    def is_over(self, key: str) -> bool:
        return time.monotonic() >= self.until.get(key, 0.0)

    def note(self, key: str, began: float) -> None:
        now = time.monotonic()
        self.until = {known: until for known, until in self.until.items() if until > now}
        self.until[key] = now + LOOKING_SHARE * (now - began)


in_search, in_doubt = Pauses(), Pauses()


def is_known(path: str) -> bool:
    try:
        find_task(path)
    except UnknownTask:
        return False
    return True


def turns(key: str, places: int, avoided: Collection[Lane] = ()) -> list[Turn]:
    """Up to `places` blocked rows of the key in claim order; those of avoided lanes only if there are no others."""
    found = _turns(key, places, avoided)
    return found if found or not avoided else _turns(key, places, ())


def _turns(key: str, places: int, avoided: Iterable[Lane]) -> list[Turn]:
    blocked = Job.objects.filter(limit_key=key, stage=Stage.BLOCKED).in_claim_order()
    blocked = blocked.exclude(queue__in=PausedQueue.objects.values("queue"))
    for queue, task in avoided:
        blocked = blocked.exclude(queue=queue, task=task)
    unknown: set[str] = set()
    while True:
        rows = blocked.exclude(task__in=unknown).values_list("pk", "task")[:places]
        found = [Turn(*row) for row in rows]
        strange = {task for task in {turn.task for turn in found} if not is_known(task)}
        if not strange:
            return found
        unknown |= strange


def avoided_lanes(seen: Standing) -> dict[Lane, float]:
    """The key's avoided lanes, and until when they are (seconds since 1970, by the database's clock)."""
    if seen.avoided is None:
        return {}
    now = clock.epoch()
    return {Lane(queue, task): until for queue, task, until in json.loads(seen.avoided) if until > now}


def is_stalled(seen: Standing) -> bool:
    """Whether rows of the key would be put back: unclaimed for long, while a row of another lane waits."""
    began = time.monotonic()
    if not seen.stalled or seen.task is None or not in_doubt.is_over(seen.key):
        return False
    if _rather(seen, {lane for _, lane in _stalled(seen.key)}):
        return True
    in_doubt.note(seen.key, min(began, time.monotonic() - STALLED_SECONDS / LOOKING_SHARE))
    return False


def put_back(seen: Standing) -> int:
    """Puts as many stalled rows back as others wait that may be admitted rather; returns how many.

    The caller holds the key's gate.
    """
    stalled = _stalled(seen.key)
    lanes = {lane for _, lane in stalled}
    rather = _rather(seen, lanes, len(stalled))
    keys = [pk for pk, _ in stalled[: len(rather)]]
    if not keys:
        return 0
    until = clock.epoch() + AVOIDED_SECONDS
    avoided = [[*lane, end] for lane, end in (avoided_lanes(seen) | dict.fromkeys(lanes, until)).items()]
    QueueLimit.objects.filter(pk=seen.key).update(avoided=avoided)
    # Whatever becomes of a row moves updated_at: this one has not been touched since it was seen.
    untouched = Job.objects.filter(pk__in=keys, updated_at__lt=Now() - timedelta(seconds=STALLED_SECONDS))
    return standing(untouched, "status", {Status.READY}).update(stage=Stage.BLOCKED, updated_at=Now())


def _stalled(key: str) -> list[tuple[int, Lane]]:
    admitted = Job.objects.filter(limit_key=key, stage=Stage.AVAILABLE, status=Status.READY)
    rows = admitted.filter(updated_at__lt=Now() - timedelta(seconds=STALLED_SECONDS)).values_list("pk", "queue", "task")
    return [(pk, Lane(queue, task)) for pk, queue, task in rows]


def _rather(seen: Standing, lanes: Collection[Lane], places: int = 1) -> list[Turn]:
    return _turns(seen.key, places, {*lanes, *avoided_lanes(seen)})
