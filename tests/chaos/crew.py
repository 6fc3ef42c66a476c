"""The queue's own processes, as cron or a service starts them, and who was struck when."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

COMMAND = [sys.executable, "manage.py", "process_order_queue", "--verbosity", "0", "--skip-checks"]
SHIFTS = (
    ["--forever", "--processes", "2", "--batch-size", "7"],
    ["--forever", "--threads", "2", "--batch-size", "20"],
    ["--max-seconds", "4", "--batch-size", "5"],
)


@dataclass
class Strike:
    """A signal at one process, or at a parent and its children. Moments are epoch seconds."""

    signal: signal.Signals
    process: int = 0
    group: int = 0
    at: float = field(default_factory=time.time)
    over: float = float("inf")  # when a frozen one was woken

    @property
    def is_deadly(self) -> bool:
        return self.signal == signal.SIGKILL

    def hit(self, process: int, group: int) -> bool:
        return self.process == process or (self.group != 0 and self.group == group)


class Crew:
    """One parent for each shift; a parent that ended is followed by a new one."""

    def __init__(self, environment: dict[str, str], folder: Path, shifts: Sequence[list[str]] = SHIFTS) -> None:
        self.environment, self.folder, self.shifts = environment, folder, shifts
        self.parents: dict[int, subprocess.Popen[bytes]] = {}
        self.groups: list[int] = []
        self.strikes: list[Strike] = []
        self.complaints: list[str] = []

    def keep_up(self) -> None:
        for number, shift in enumerate(self.shifts):
            parent = self.parents.get(number)
            if parent is None or parent.poll() is not None:
                self._look_back(parent)
                self.parents[number] = self._start(shift)

    def _start(self, shift: list[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / "stderr").open("ab") as errors:
            process = subprocess.Popen(
                [*COMMAND, *shift],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                process_group=0,
            )
        self.groups.append(process.pid)
        return process

    def _look_back(self, parent: "subprocess.Popen[bytes] | None") -> None:
        """SIGTERM ends one that has only just begun to load; SIGKILL is ours."""
        if parent is not None and parent.returncode not in (0, -signal.SIGTERM, -signal.SIGKILL):
            self.complaints.append(f"a parent that nobody struck ended with code {parent.returncode}")

    def children(self) -> list[int]:
        """Of parents that are alive."""
        return [child for parent in self.living() for child in children_of(parent)]

    def living(self) -> list[int]:
        return [parent.pid for parent in self.parents.values() if parent.poll() is None]

    def strike(self, number: signal.Signals, *, process: int = 0, group: int = 0) -> Strike:
        """Notes the moment before the signal: whoever began a job later was not hit."""
        blow = Strike(number, process, group)
        self.strikes.append(blow)
        with suppress(ProcessLookupError):
            os.killpg(group, number) if group else os.kill(process, number)
        return blow

    def tell_to_stop(self, parent: int) -> None:
        """No strike, and no reason to do anything again: what a worker holds then is finished, or given back."""
        with suppress(ProcessLookupError):
            os.kill(parent, signal.SIGTERM)

    def wake(self, blow: Strike) -> None:
        with suppress(ProcessLookupError):
            os.killpg(blow.group, signal.SIGCONT) if blow.group else os.kill(blow.process, signal.SIGCONT)
        blow.over = time.time()

    def dismiss(self) -> None:
        """Ends all that is left, politely; who does not go within its grace time is complained of."""
        for parent in self.parents.values():
            parent.terminate()
        for parent in self.parents.values():
            with suppress(subprocess.TimeoutExpired):
                parent.wait(15)
            self._look_back(parent)
        for group in self.groups:  # orphans too
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        for parent in self.parents.values():
            parent.wait()

    def words(self) -> str:
        """What all of them wrote to stderr."""
        path = self.folder / "stderr"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def children_of(parent: int) -> list[int]:
    return [pid for pid, above in _processes() if above == parent]


def _processes() -> Iterator[tuple[int, int]]:
    """Each process with its parent."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            yield int(folder.name), int(fields[1])
