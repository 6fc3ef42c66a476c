"""A Django task with the queue's own arguments: `@task(atomic=True, max_attempts=5)`."""

from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from queue_table.tasks_api import Task

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTask(Task[P, T]):
    max_attempts: int = 3
    """Attempts before the row fails; each claim is one."""

    atomic: bool = False
    """The task's writes, the messages it publishes and its own 2 -> 1 commit together, or not at all.

    For tasks that only speak to the database. One that speaks to the outside runs without, and must be idempotent.
    """
