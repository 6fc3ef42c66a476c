"""What Linux says about a process. Elsewhere it says nothing: no process is frozen, and none uses memory."""

import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def is_stopped(pid: int | None) -> bool:
    """By SIGSTOP, or a debugger."""
    return _read(pid, "stat").rpartition(")")[2].split()[:1] in (["T"], ["t"])


def resident_megabytes(pid: int | None) -> int:
    fields = _read(pid, "statm").split()
    return int(fields[1]) * PAGE // 2**20 if fields else 0


def _read(pid: int | None, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
