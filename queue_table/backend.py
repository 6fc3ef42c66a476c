"""Django's tasks API on the table `order_queue`."""

from typing import Any

from queue_table.models import Job
from queue_table.outbox import job_for
from queue_table.results import task_result
from queue_table.routes import find_task
from queue_table.task import QueueTask
from queue_table.tasks_api import (
    BaseTaskBackend,
    Task,
    TaskResult,
    TaskResultDoesNotExist,
    normalize_json,
    task_enqueued,
)


class OrderQueueBackend(BaseTaskBackend):
    """Enqueues by one INSERT in the caller's transaction, or in one of its own."""

    task_class = QueueTask
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: "Task[..., Any]", args: Any, kwargs: Any) -> "TaskResult[Any]":
        self.validate_task(task)
        job = job_for(task, args=normalize_json(args), kwargs=normalize_json(kwargs))
        job.save(force_insert=True)
        job.refresh_from_db()
        result = task_result(job, task)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> "TaskResult[Any]":
        """The state of the row with this id. Raises TaskResultDoesNotExist when there is none (any more)."""
        try:
            job = Job.objects.get(pk=int(result_id))
        except (Job.DoesNotExist, ValueError) as error:
            raise TaskResultDoesNotExist(result_id) from error
        return task_result(job, find_task(job.task))
