"""Where a worker can end or fail, and a process of its own in which it does so once.

A point is the moment before or after one call of one function, in the parent or in a child. The function is replaced
in the forked process only: the engine knows nothing of it.
"""

import mmap
import multiprocessing.util
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from django.db import OperationalError, connections
from django.utils.module_loading import import_string

from queue_table.supervisor import Supervisor

PATIENCE = 60.0


class Point(NamedTuple):
    """The moment `when` ("before", "after") call number `call`, from 1, of `function`, and of the next ones if it is to
    happen several `times`. `role`: "parent", "child", or "thread" for a child's threads but the first."""

    function: str
    when: str
    role: str = "child"
    call: int = 1
    times: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.function.rpartition('queue_table.')[2]} in the {self.role}"


def leave() -> None:
    os._exit(9)


def stumble() -> None:
    raise RuntimeError("a fault in the code")


def lose_the_database() -> None:
    raise OperationalError("the database went away")


def run_with(
    point: Point, deed: Callable[[], None], words: Path, until: Callable[[], bool] | None = None, **options: Any
) -> int:
    """Runs the queue's parent and its children in a process group of their own until all of them are gone.

    At `point` the first process that comes there does the `deed`; returns its id, 0 if none came. What they say goes
    to `words`. If there is an `until`, the parent is told to stop when it is true.
    """
    connections.close_all()
    fired = mmap.mmap(-1, 9)
    process = os.fork()
    if process == 0:
        _be_the_parent(point, deed, words, fired, options)
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(process, process)  # whoever of the two comes first
    _wait_for_all(process, until or (lambda: False))
    return int.from_bytes(fired[:8], "little")


def _be_the_parent(
    point: Point, deed: Callable[[], None], words: Path, fired: mmap.mmap, options: dict[str, Any]
) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        with words.open("ab", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        sys.stdout = sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 (pytest holds the others)
        _set(point, deed, fired, os.getpid())
        supervisor = Supervisor(**options)
        signal.signal(signal.SIGTERM, lambda *_: supervisor.stop())
        supervisor.run()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            multiprocessing.util._exit_function()  # type: ignore[attr-defined]  # as at the end of any program: joins
        os._exit(code)


def _set(point: Point, deed: Callable[[], None], fired: mmap.mmap, parent: int) -> None:
    where, _, name = point.function.rpartition(".")
    owner: Any = import_string(where) if where.rpartition(".")[2][0].isupper() else sys.modules[where]
    function, calls = getattr(owner, name), [0]

    def arrive() -> None:
        if point.role == _role(parent) and fired[8] < point.times:
            calls[0] += 1
            if calls[0] >= point.call:
                fired[:9] = os.getpid().to_bytes(8, "little") + bytes([fired[8] + 1])
                deed()

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if point.when == "before":
            arrive()
        result = function(*args, **kwargs)
        if point.when == "after":
            arrive()
        return result

    setattr(owner, name, wrapper)


def _role(parent: int) -> str:
    if os.getpid() == parent:
        return "parent"
    return "child" if threading.current_thread() is threading.main_thread() else "thread"


def _wait_for_all(group: int, until: Callable[[], bool]) -> None:
    """For the parent, and for orphans: they finish what they hold."""
    give_up_at, told = time.monotonic() + PATIENCE, False
    with suppress(ProcessLookupError):
        while True:
            with suppress(ChildProcessError):
                os.waitpid(group, os.WNOHANG)
            os.killpg(group, 0)
            if not told and until():
                os.kill(group, signal.SIGTERM)
                told = True
            if time.monotonic() > give_up_at:
                os.killpg(group, signal.SIGKILL)
                raise AssertionError("a process of the group does not end")
            time.sleep(0.01)
