"""Django's tasks API on the table `order_queue`."""

from typing import Any

from queue_table.drafting import as_json, row_with
from queue_table.exceptions import UnknownTask
from queue_table.inserting import insert
from queue_table.models import Job
from queue_table.results import enqueued, task_result
from queue_table.routes import find_task
from queue_table.task import QueueTask
from queue_table.tasks_api import BaseTaskBackend, Task, TaskResult, TaskResultDoesNotExist, task_enqueued


class OrderQueueBackend(BaseTaskBackend):
    """Enqueues by one INSERT in the caller's transaction, or in one of its own."""

    task_class = QueueTask
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: "Task[..., Any]", args: Any, kwargs: Any) -> "TaskResult[Any]":
        """Raises InvalidTaskError, TypeError or ValueError before anything is written."""
        self.validate_task(task)
        arguments = as_json(task, args, kwargs)
        key, created_at = insert(row_with(task, arguments))
        result = enqueued(task, key, created_at, arguments.args, arguments.kwargs)
        if task_enqueued.receivers:
            task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> "TaskResult[Any]":
        """The state of the row with this id.

        Raises TaskResultDoesNotExist when there is none (any more), or when its task is unknown here.
        """
        try:
            job = Job.objects.get(pk=result_id)
            task = find_task(job.task)
        except (Job.DoesNotExist, UnknownTask, ValueError, TypeError) as error:
            raise TaskResultDoesNotExist(result_id) from error
        return task_result(job, task)
