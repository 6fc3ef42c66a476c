"""A Django task with the queue's own arguments: `@task(atomic=True, max_attempts=5)`."""

from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from queue_table.tasks_api import InvalidTaskError, Task

P = ParamSpec("P")
T = TypeVar("T")
MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTask(Task[P, T]):
    max_attempts: int = 3
    """Attempts before the row fails; each claim is one."""

    atomic: bool = False
    """The task's writes, the messages it publishes and its own 2 -> 1 commit together, or not at all.

    For tasks that only speak to the database. One that speaks to the outside runs without, and must be idempotent.
    """

    def __post_init__(self) -> None:
        if not 1 <= self.max_attempts <= MOST_ATTEMPTS:
            raise InvalidTaskError(f"max_attempts must be a whole number from 1 to {MOST_ATTEMPTS}.")
        Task.__post_init__(self)
