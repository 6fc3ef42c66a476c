"""The two processes of a running shop, and what happens when one of them ends: gunicorn and the queue's loop.

Each runs in a process group of its own, so Ctrl-C reaches only the supervisor, which then ends both in order. The
queue's loop also ends by itself when its standard input does: a supervisor that was killed leaves no loop behind.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from django.conf import settings

HOST = "127.0.0.1"
STOPPING_SECONDS = 5
QUEUE_PAUSE_SECONDS = 3
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GUNICORN = [
    *(
        sys.executable,
        "-m",
        "gunicorn",
        "shop.wsgi",
        "--no-control-socket",
        "--log-level",
        "warning",
    ),
    *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
    *("--graceful-timeout", str(STOPPING_SECONDS - 2)),
]
QUEUE = [sys.executable, "-m", "shop.ops.queue_loop"]
Process = subprocess.Popen[bytes]


class ServerEnded(Exception):
    """gunicorn ended without being asked to."""


class Stop(Exception):
    """Somebody asked the shop to stop."""


def port_problem(port: int) -> str:
    """Why the port can't be had, in the system's words; empty if it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            return getattr(error, "strerror", None) or str(error)
    return ""


def serve(port: int, *, on_ready: Callable[[], None], say: Callable[[str], None]) -> None:
    """Runs both until a signal asks for the end. Raises ServerEnded when gunicorn ends before."""
    running: list[Process] = []
    try:
        for number in STOP_SIGNALS:
            signal.signal(number, _stop)
        server = _start([*GUNICORN, "--bind", f"{HOST}:{port}"], running)
        queue = _start(QUEUE, running)
        _wait_for_answer(server, port)
        on_ready()
        while True:
            _require(server)
            if queue.poll() is not None:
                say(f"The queue's process ended with code {queue.returncode}; a new one starts in a moment.")
                time.sleep(QUEUE_PAUSE_SECONDS)
                queue = _start(QUEUE, running)
            time.sleep(0.2)
    except Stop:
        say("Stopping.")
    finally:
        _end(running)


def _stop(number: int, frame: FrameType | None) -> None:
    for handled in STOP_SIGNALS:
        signal.signal(handled, signal.SIG_IGN)  # the end has begun: a second Ctrl-C must not break it off
    raise Stop


def _start(command: Sequence[str], running: list[Process]) -> Process:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0, cwd=settings.BASE_DIR)
    running.append(process)
    return process


def _wait_for_answer(server: Process, port: int) -> None:
    while True:
        _require(server)
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def _require(server: Process) -> None:
    if server.poll() is not None:
        raise ServerEnded(f"gunicorn ended with code {server.returncode}; the lines above say why.")


def _end(processes: Sequence[Process]) -> None:
    for process in processes:
        if process.stdin:
            process.stdin.close()
        process.terminate()
    deadline = time.monotonic() + STOPPING_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
