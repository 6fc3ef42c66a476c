"""A row of the table as the result object of Django's tasks API."""

from datetime import datetime
from typing import Any

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.tasks_api import Task, TaskError, TaskResult, TaskResultStatus

RESULT_STATUS = {
    Status.READY: TaskResultStatus.READY,
    Status.CLAIMED: TaskResultStatus.RUNNING,
    Status.DONE: TaskResultStatus.SUCCESSFUL,
    Status.FAILED: TaskResultStatus.FAILED,
}
NOT_KEPT = "unknown"
JUST_ENQUEUED: dict[str, Any] = {"status": TaskResultStatus.READY, "_return_value": None} | dict.fromkeys(
    ["started_at", "finished_at", "last_attempted_at"]
)


def task_result(job: Job, task: "Task[..., Any]") -> "TaskResult[Any]":
    """What the row says. Of earlier attempts it keeps the errors (the last few), and not when they began."""
    begun_at = job.claimed_at if job.attempts else None
    result: TaskResult[Any] = TaskResult(
        task=_as_enqueued(job, task),
        id=str(job.pk),
        status=RESULT_STATUS[Status(job.status)],
        enqueued_at=job.created_at,
        started_at=begun_at,
        finished_at=job.finished_at,
        last_attempted_at=begun_at,
        args=job.payload["args"],
        kwargs=job.payload["kwargs"],
        backend=task.backend,
        errors=[TaskError(exception_class_path=e["exception"], traceback=e["traceback"]) for e in job.errors],
        worker_ids=_workers(job),
    )
    object.__setattr__(result, "_return_value", job.result)
    return result


def enqueued(task: "Task[..., Any]", key: int, created_at: datetime, args: Any, kwargs: Any) -> "TaskResult[Any]":
    """The result of a row that was just written, with arguments that are JSON already.

    Its constructor would walk through them once more, for as long as all else takes.
    """
    result: TaskResult[Any] = object.__new__(TaskResult)
    for name, value in JUST_ENQUEUED.items():
        object.__setattr__(result, name, value)
    own = {"task": task, "id": str(key), "enqueued_at": created_at, "args": args, "kwargs": kwargs, "errors": []}
    for name, value in (own | {"backend": task.backend, "worker_ids": []}).items():
        object.__setattr__(result, name, value)
    return result


def _as_enqueued(job: Job, task: "Task[..., Any]") -> "Task[..., Any]":
    run_after = job.available_at if job.available_at != job.created_at else None
    if (job.priority, job.queue, run_after) == (task.priority, task.queue_name, None):
        return task
    return task.using(priority=job.priority, queue_name=job.queue, run_after=run_after)


def _workers(job: Job) -> list[str]:
    """A name for each attempt: the last is the row's; earlier ones stand with their errors, if those are kept."""
    known = {error["attempt"]: error.get("worker", NOT_KEPT) for error in job.errors}
    earlier = [known.get(attempt, NOT_KEPT) for attempt in range(1, job.attempts)]
    return [*earlier, job.claimed_by or NOT_KEPT] if job.attempts else []
