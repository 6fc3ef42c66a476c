"""For tests of a program that uses the queue: perform what is due, look at what was published, travel in time.

Everything happens on the test's own connection and inside its transaction, if it has one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import F, Max
from django.test.utils import override_settings

from queue_table.lifecycle import FINISHED
from queue_table.messages import message_kinds
from queue_table.models import Job, QueueLimit
from queue_table.outcomes import Report
from queue_table.routes import subscribers
from queue_table.worker import Worker


class Published(NamedTuple):
    """A message as it lies in the table."""

    kind: str
    fields: dict[str, Any]


def run_due_jobs(max_jobs: int = 1000) -> Report:
    """Performs what is due, and what becomes due by that, here and now; says what became of it.

    A job that fails is not tried again before its pause is over: `travel` there. Periodic duties are left out.
    """
    left = max_jobs

    def count(outcome: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            worker.stop()

    with override_settings(QUEUE_DUTIES={}):
        worker = Worker(on_outcome=count)
        return copy_context().run(worker.run)  # afterwards the test is in no job


@contextmanager
def published() -> Iterator[list[Published]]:
    """A list that holds, after the block, the messages that were published in it, in their order."""
    last = Job.objects.aggregate(last=Max("pk"))["last"] or 0
    messages: list[Published] = []
    yield messages
    messages.extend(_messages(after=last))


def assert_published(kind: str, **fields: Any) -> Published:
    """The first message of this kind with these fields, whenever it was published. AssertionError if there is none."""
    messages = list(_messages())
    for message in messages:
        if message.kind == kind and fields.items() <= message.fields.items():
            return message
    raise AssertionError(f"No {kind} with {fields} was published, but: {messages or 'nothing'}")


def travel(time: timedelta) -> None:
    """Lets that much time pass for the queue: whatever is to wait has that much less to wait.

    No clock is changed. The moments of unfinished rows (when due, end of lease) and of rate limits move into the past;
    what other tables know of time does not.
    """
    unfinished = Job.objects.exclude(status__in=FINISHED)
    unfinished.update(available_at=F("available_at") - time, lease_expires_at=F("lease_expires_at") - time)
    QueueLimit.objects.update(next_at=F("next_at") - time)


def _messages(after: int = 0) -> Iterator[Published]:
    """One for each message, which is as many rows as it has subscribers: the first one's row speaks for it."""
    rows = Job.objects.filter(pk__gt=after, kind__in=message_kinds()).order_by("pk")
    for kind, path, payload in rows.values_list("kind", "task", "payload"):
        if path in subscribers(kind)[:1]:
            yield Published(kind, payload["kwargs"])
