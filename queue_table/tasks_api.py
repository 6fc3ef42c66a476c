"""Django's tasks API, from the package django-tasks. Django 6.0 has it built in: then only this module changes."""

from django_tasks import TaskContext, TaskResult, TaskResultStatus, task
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError
from django_tasks.exceptions import InvalidTaskError, TaskResultDoesNotExist
from django_tasks.signals import (
    log_task_enqueued,
    log_task_finished,
    log_task_started,
    task_enqueued,
    task_finished,
    task_started,
)
from django_tasks.utils import normalize_json

__all__ = [
    "BaseTaskBackend",
    "InvalidTaskError",
    "Task",
    "TaskContext",
    "TaskError",
    "TaskResult",
    "TaskResultDoesNotExist",
    "TaskResultStatus",
    "normalize_json",
    "task",
    "task_enqueued",
    "task_finished",
    "task_started",
]

# The package logs each start and end of each job. What is worth a line, or a mail, the queue says itself; and where
# nobody listens, no result object is built.
task_enqueued.disconnect(log_task_enqueued)
task_started.disconnect(log_task_started)
task_finished.disconnect(log_task_finished)
