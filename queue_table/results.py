"""A row of the table as the result object of Django's tasks API."""

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


def task_result(job: Job, task: "Task[..., Any]") -> "TaskResult[Any]":
    result: TaskResult[Any] = TaskResult(
        task=task.using(priority=job.priority, queue_name=job.queue, run_after=job.available_at),
        id=str(job.pk),
        status=RESULT_STATUS[Status(job.status)],
        enqueued_at=job.created_at,
        started_at=job.claimed_at,
        finished_at=job.finished_at,
        last_attempted_at=job.claimed_at,
        args=job.payload["args"],
        kwargs=job.payload["kwargs"],
        backend=task.backend,
        errors=[TaskError(exception_class_path=e["exception"], traceback=e["traceback"]) for e in job.errors],
        worker_ids=[job.claimed_by] * job.attempts,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result
