"""The names of queues and kinds that a person may ask for, from what is small: nothing here reads the whole table."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from queue_table.counting import AVAILABLE, FAILED
from queue_table.exceptions import UnknownTask
from queue_table.messages import message_kinds
from queue_table.models import Job, PausedQueue, Tally
from queue_table.routes import find_task

LATELY = timedelta(hours=1)
NEWEST = 500


def known_queues() -> list[str]:
    """Those that hold a due row, ran lately or are paused, those of wired tasks, and those of the newest rows."""
    ran = Tally.objects.filter(minute__gte=Now() - LATELY).values_list("queue", flat=True).distinct()
    paused = PausedQueue.objects.values_list("queue", flat=True)
    return sorted({*_with_due_rows(), *ran, *paused, *_wired(), *_of_newest_rows("queue")})


def known_kinds() -> list[str]:
    """Those of messages and tasks, and those of the newest rows."""
    return sorted({*message_kinds(), "task", *_of_newest_rows("kind")})


def _with_due_rows() -> Iterable[str]:
    """One step down the claim's index for each queue, however many rows each holds."""
    names = AVAILABLE.order_by("queue").values_list("queue", flat=True)
    name = names.first()
    while name is not None:
        yield name
        name = names.filter(queue__gt=name).first()


def _wired() -> Iterable[str]:
    paths = {path for route in settings.QUEUE_ROUTES.values() for path in route} | set(settings.QUEUE_DUTIES)
    for path in paths:
        try:
            yield find_task(path).queue_name
        except UnknownTask:
            continue


def _of_newest_rows(column: str) -> set[str]:
    """Those of failed rows by key: asked for the column at once, MariaDB reads every failed row, not the newest."""
    failed = list(FAILED.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
    names = Job.objects.values_list(column, flat=True)
    return {*names.order_by("-pk")[:NEWEST], *names.filter(pk__in=failed)}
