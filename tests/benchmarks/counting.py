"""How jobs count themselves: each process in a mapped file of its own, which the harness reads beside the run.

A file is a row of 64-bit numbers: how many jobs were performed, then the last WAITS waits in nanoseconds.
"""

import mmap
import os
import threading
import time
from pathlib import Path
from typing import Any

FOLDER = "BENCH_COUNTER_DIR"
WAITS = 4096
SIZE = 8 * (1 + WAITS)


class Own:
    """This process's file, opened at the first job."""

    lock = threading.Lock()
    cells: "memoryview[int] | None" = None

    @classmethod
    def open(cls) -> "memoryview[int]":
        path = Path(os.environ[FOLDER]) / f"{os.getpid()}-{time.monotonic_ns()}"
        with path.open("xb+") as file:
            file.truncate(SIZE)
            cls.cells = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("Q")
        return cls.cells

    @classmethod
    def forget(cls) -> None:
        cls.lock, cls.cells = threading.Lock(), None


os.register_at_fork(after_in_child=Own.forget)


def count(job: dict[str, Any]) -> None:
    """What every measured job does, on both sides, and all that it does."""
    arrived = time.monotonic_ns() if job["sent_ns"] else 0
    with Own.lock:
        cells = Own.cells or Own.open()
        if arrived:
            cells[1 + cells[0] % WAITS] = arrived - job["sent_ns"]
        cells[0] += 1


class Counts:
    """The harness's view of all the files in a folder. Processes may still be writing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, memoryview[int]] = {}

    def performed(self) -> list[int]:
        """Jobs performed so far, process by process."""
        for entry in os.scandir(self.folder):
            if entry.name not in self.files and entry.stat().st_size == SIZE:
                with Path(entry.path).open("rb") as file:
                    self.files[entry.name] = memoryview(mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ)).cast(
                        "Q"
                    )
        return [cells[0] for cells in self.files.values()]

    def waits_ms(self) -> list[float]:
        self.performed()
        return [nanoseconds / 1e6 for cells in self.files.values() for nanoseconds in cells[1:] if nanoseconds]
