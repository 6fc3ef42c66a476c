"""Starts the measured processes, each in a session of its own, looks at their trees, and ends exactly those."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
GRACE_SECONDS = 5
LAST_LINES = 8
ROOT = Path(__file__).resolve().parents[2]


class Broken(Exception):
    """A measured process failed, or did something else than it should; the figure would mean nothing."""


class NotThereYet(Exception):
    """The engine has no such option, or no such call."""


@contextmanager
def running(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], log: Path
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The commands as running processes; all of them, and what they started, are gone afterwards."""
    processes = []
    with log.open("wb") as output:
        try:
            for command in commands:
                processes.append(_start(command, environment, output.fileno()))  # noqa: PERF401 (each is ended below)
            yield processes
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                _end(process)


def run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What the command printed. Raises Broken if it failed, NotThereYet if it said so."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.stderr.startswith("not there yet: "):
        raise NotThereYet(done.stderr.strip().removeprefix("not there yet: "))
    if done.returncode:
        raise Broken("\n".join([f"{' '.join(command[1:])} failed", *done.stderr.splitlines()[-LAST_LINES:]]))
    return done.stdout


def _start(command: Sequence[str], environment: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # its own session: what it has started and left behind
    process.wait()


class Tree:
    """Processes and all that they have started."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self.roots = [process.pid for process in processes]

    def cpu_seconds(self) -> float:
        """Used so far, with that of ended children."""
        return sum(self.used().values())

    def used(self) -> dict[int, float]:
        """The same, by process."""
        return {pid: _used(stat) for pid, stat in self._members().items()}

    def resident_megabytes(self) -> float:
        """Pages that several of the processes share are counted in each."""
        return sum(int(stat[21]) for stat in self._members().values()) * PAGE / 1e6

    def _members(self) -> dict[int, list[str]]:
        everybody = dict(_stats())
        found: dict[int, list[str]] = {}
        waiting = list(self.roots)
        while waiting:
            pid = waiting.pop()
            if pid in everybody:
                found[pid] = everybody[pid]
                waiting += [child for child, stat in everybody.items() if int(stat[1]) == pid]
        return found


def backends(database: str) -> dict[int, float]:
    """The processes that PostgreSQL keeps for this database, and the seconds of CPU that each has used."""
    return {pid: _used(stat) for pid, stat in _stats() if f" {database} " in _title(pid)}


def _title(pid: int) -> str:
    """What a server of PostgreSQL's calls itself; empty for all else."""
    with suppress(OSError):
        title = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        return title if title.startswith("postgres: ") else ""
    return ""


def _used(stat: list[str]) -> float:
    """Seconds of CPU, with those of ended children."""
    return sum(map(int, stat[11:15])) / TICKS


def _stats() -> Iterator[tuple[int, list[str]]]:
    """Each process's /proc/PID/stat from the state on, the field that follows the name."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
