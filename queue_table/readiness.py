"""May the shop be sent visitors and jobs? What a load balancer or a watchdog asks every few seconds."""

from collections.abc import Iterator
from datetime import timedelta
from pkgutil import iter_modules
from typing import NamedTuple

from django.conf import settings
from django.db import Error
from django.db.migrations.recorder import MigrationRecorder

from queue_table import clock, migrations
from queue_table.counting import CAP, FAILED, oldest_due
from queue_table.models import PausedQueue


class Readiness(NamedTuple):
    """`ready`, and why (not) in lines for people, without secrets."""

    ready: bool
    lines: list[str]


def readiness() -> Readiness:
    """Ready: the database answers, knows the queue's tables, and no due job is older than QUEUE_LATE_SECONDS.

    Jobs in paused queues may wait, and failed ones wait for a person: they make nobody unready. Raises nothing.
    """
    try:
        reasons = list(_unapplied()) or list(_late())
        return Readiness(False, reasons) if reasons else Readiness(True, [f"Ready. Failed jobs: {_failed()}."])
    except Error as error:  # its text may name hosts and users
        return Readiness(False, [f"The database does not answer as it should ({type(error).__name__})."])


def _unapplied() -> Iterator[str]:
    applied = set(MigrationRecorder.Migration.objects.filter(app="queue_table").values_list("name", flat=True))
    missing = sorted({module.name for module in iter_modules(migrations.__path__)} - applied)
    if missing:
        yield f"These migrations of queue_table are not applied: {', '.join(missing)}."


def _late() -> Iterator[str]:
    now, patience = clock.now(), timedelta(seconds=settings.QUEUE_LATE_SECONDS)
    paused = set(PausedQueue.objects.values_list("queue", flat=True))
    for queue, since in sorted(oldest_due().items()):
        if now - since > patience and queue not in paused:
            seconds = round((now - since).total_seconds())
            yield f"The oldest due job of the queue {queue} has waited for {seconds} seconds: do workers run?"


def _failed() -> str:
    count = FAILED[:CAP].count()
    return f"{count}+" if count >= CAP else str(count)
