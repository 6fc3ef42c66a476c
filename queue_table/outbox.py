"""The doors into the table, in the caller's transaction: the work is there if, and only if, its cause is."""

from dataclasses import asdict
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from queue_table.exceptions import OutsideTransaction
from queue_table.messages import Message
from queue_table.models import Job
from queue_table.routes import find_task, subscribers
from queue_table.tasks_api import Task


def publish(message: Message) -> None:
    """Writes one row per subscriber of the message's kind. Raises OutsideTransaction outside of one."""
    if not transaction.get_connection(DEFAULT_DB_ALIAS).in_atomic_block:
        raise OutsideTransaction(f"{message.kind} must be published in the transaction that makes it true")
    Job.objects.bulk_create(
        job_for(
            find_task(path),
            kwargs=asdict(message),
            kind=message.kind,
            order_id=message.order_id,
            user_info=message.customer,
        )
        for path in subscribers(message.kind)
    )


def enqueue_once(task: "Task[..., Any]", dedupe_key: str, *, kind: str, **columns: Any) -> None:
    """Writes a row unless one with this key exists, whatever its status. Safe when many callers do it at once."""
    if not Job.objects.filter(dedupe_key=dedupe_key).exists():  # spares the write lock; the unique index decides
        Job.objects.bulk_create([job_for(task, dedupe_key=dedupe_key, kind=kind, **columns)], ignore_conflicts=True)


def job_for(task: "Task[..., Any]", *, args: Any = (), kwargs: Any = None, **columns: Any) -> Job:
    """An unsaved row that runs `task` with JSON arguments, when and how the task says."""
    if task.run_after is not None:
        columns["available_at"] = task.run_after
    return Job(
        task=task.module_path,
        queue=task.queue_name,
        priority=task.priority,
        max_attempts=getattr(task, "max_attempts", 3),
        payload={"args": list(args), "kwargs": kwargs or {}},
        **columns,
    )
