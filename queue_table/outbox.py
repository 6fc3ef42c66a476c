"""The doors into the table, in the caller's transaction: the work is there if, and only if, its cause is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, Self

from django.db import DEFAULT_DB_ALIAS, transaction

from queue_table.drafting import new_row
from queue_table.exceptions import OutsideTransaction
from queue_table.inserting import insert_alike, insert_all, insert_once
from queue_table.messages import Message
from queue_table.models import Job
from queue_table.routes import find_task, subscribers
from queue_table.tasks_api import Task


def publish(message: Message) -> None:
    """Writes one row per subscriber of the message's kind. Raises OutsideTransaction outside of one."""
    if not transaction.get_connection(DEFAULT_DB_ALIAS).in_atomic_block:
        raise OutsideTransaction(f"{message.kind} must be published in the transaction that makes it true")
    about: dict[str, Any] = {"kind": message.kind, "order_id": message.order_id, "user_info": message.customer}
    kwargs = asdict(message)
    insert_all([new_row(find_task(path), kwargs=kwargs, **about) for path in subscribers(message.kind)])


def enqueue_once(
    task: "Task[..., Any]", dedupe_key: str, *, args: Sequence[Any] = (), kwargs: Any = None, **columns: Any
) -> None:
    """Writes a row unless one with this key exists, whatever its status. Safe when many callers do it at once."""
    row = new_row(task, args, kwargs, dedupe_key=dedupe_key, **columns)
    if not Job.objects.filter(dedupe_key=dedupe_key).exists():  # spares the write lock; the unique index decides
        insert_once(row)


class Call(NamedTuple):
    """The arguments of one job among many."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    dedupe_key: str | None = None

    def once(self, dedupe_key: str) -> Self:
        """The same, unless a row with this key exists, whatever its status."""
        return self._replace(dedupe_key=dedupe_key)


def call(*args: Any, **kwargs: Any) -> Call:
    """What the task of one job among many is to get: `call(7, note="x").once("reminder:7")`."""
    return Call(args, kwargs)


def enqueue_many(task: "Task[..., Any]", calls: Iterable[Call], **columns: Any) -> int:
    """Writes a row for each call, all or none; returns how many. `columns` (kind, order_id, …) they have in common.

    In the caller's transaction, or in one of its own. A call whose dedupe key is in the table, or earlier among the
    calls, is passed over. Calls with keys are held back and written last, in the order of their keys: so any number may
    do it at once with the same keys. A transaction that goes on after it may still meet a deadlock, as with any key.
    Like Django's bulk_create it sends no signals.
    """
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        return insert_alike(new_row(task, *one[:2], dedupe_key=one.dedupe_key, **columns) for one in calls)


def job_for(task: "Task[..., Any]", *, args: Any = (), kwargs: Any = None, **columns: Any) -> Job:
    """An unsaved row that runs `task`, as one that is enqueued would lie in the table."""
    row = new_row(task, args, kwargs)
    columns = {"stage": row.stage, "limit_key": row.limit_key} | columns
    if row.available_at is not None:
        columns["available_at"] = row.available_at
    return Job(
        task=row.task,
        queue=row.queue,
        priority=row.priority,
        max_attempts=row.max_attempts,
        payload={"args": list(args), "kwargs": kwargs or {}},
        **columns,
    )
