"""Two transactions that met and of which the database let one live: the other is simply made again."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 6
MARIADB_COLLISIONS = {1205, 1213}  # lock wait timeout, deadlock
POSTGRES_COLLISIONS = {"40P01", "40001", "26000"}  # deadlock, serialization failure, prepared statement forgotten


def is_collision(error: Exception) -> bool:
    """Whether the same transaction can do better a moment later."""
    state = getattr(error.__cause__, "sqlstate", None)
    return (
        bool(error.args and error.args[0] in MARIADB_COLLISIONS)
        or state in POSTGRES_COLLISIONS
        or "database is locked" in str(error)
    )


def patient(call: Callable[P, T]) -> Callable[P, T]:
    """Makes `call` again after a collision, with short random pauses; not in a transaction, for that one is lost."""

    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, TRIES):
            try:
                return call(*args, **kwargs)
            except OperationalError as error:
                if connections[DEFAULT_DB_ALIAS].in_atomic_block or not is_collision(error):
                    raise
            time.sleep(random.uniform(0.005, 0.02 * 2**attempt))  # noqa: S311 (keeps the two apart)
        return call(*args, **kwargs)

    return wrapper
