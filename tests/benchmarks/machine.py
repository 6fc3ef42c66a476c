"""Where and with what was measured: figures of two machines, or of two hours, do not compare."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

LOOP = 3_000_000
FLUSH_SECONDS = 0.5
PACKAGES = ["django", "django-tasks", "tqdm"]


def machine(folder: Path) -> dict[str, Any]:
    """At this moment. `folder` is where SQLite's file lies."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "loop_seconds": round(_loop_seconds(), 3),
        "fdatasync_microseconds": round(_flush_seconds(folder) * 1e6),
        "load": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {package: version(package) for package in PACKAGES}


def _cpu() -> str:
    names = (
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    )
    return next(names, platform.machine())


def _loop_seconds() -> float:
    """Of 3 million additions: how much of a core this process gets."""
    started, total = time.perf_counter(), 0
    for number in range(LOOP):
        total += number
    return time.perf_counter() - started


def _flush_seconds(folder: Path) -> float:
    """Of one fdatasync of 8 kB: the price of a commit."""
    path, flushes, started = folder / "flush", 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while time.perf_counter() - started < FLUSH_SECONDS:
            file.seek(0)
            file.write(os.urandom(8192))
            os.fdatasync(file.fileno())
            flushes += 1
    path.unlink()
    return (time.perf_counter() - started) / flushes
