"""So many connections for so many seconds: by `wrk` if it is installed, else by a process of our own."""

import json
import math
import multiprocessing
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.benchmarks.pages.visitor import Address, Request, ask
from tests.benchmarks.processes import Broken

ROTATE = Path(__file__).with_name("rotate.lua")
ERROR = 400


@dataclass(frozen=True)
class Load:
    """What came back. A shopper waits in the server's queue too, and that time counts."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    broken: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def put_load(address: Address, requests: Sequence[Request], connections: int, seconds: float, folder: Path) -> Load:
    """Raises Broken if an answer was an error: its time would flatter."""
    by_wrk = shutil.which("wrk") is not None
    load = (_wrk if by_wrk else _own)(address, requests, connections, seconds, folder)
    for _ in range(3):  # what wrk leaves in the queue of the server is still answered: wait behind it
        ask(address, Request("/"))
    if load.broken or not load.requests:
        raise Broken(f"{load.broken} of {load.requests} answers to {requests[0].path} were errors")
    return load


def _wrk(address: Address, requests: Sequence[Request], connections: int, seconds: float, folder: Path) -> Load:
    listed = folder / "requests"
    listed.write_text("".join(f"{r.method}\t{r.path}\t{r.cookies}\t{r.body}\n" for r in requests))
    width = ["-t1", f"-c{connections}", f"-d{math.ceil(seconds)}s", "--timeout", "60s", "-s", str(ROTATE)]
    command = ["wrk", *width, "http://{}:{}".format(*address), "--", str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Load(**json.loads(done.stdout.partition("RESULT ")[2]))


def _own(address: Address, requests: Sequence[Request], connections: int, seconds: float, folder: Path) -> Load:
    """Slower than wrk, and so a lower limit; in a process of its own, or the harness would be measured with it."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=_crowd, args=(far, address, requests, connections, seconds))
    process.start()
    load: Load = near.recv()
    process.join()
    return load


def _crowd(out: Any, address: Address, requests: Sequence[Request], connections: int, seconds: float) -> None:
    waits: list[float] = []
    broken: list[int] = []
    turn, started = count(), time.perf_counter()

    def shopper() -> None:
        while time.perf_counter() - started < seconds:
            answer = ask(address, requests[next(turn) % len(requests)])
            waits.append(answer.seconds * 1000)
            broken.extend([answer.status] if answer.status >= ERROR else [])

    threads = [threading.Thread(target=shopper) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    waits.sort()
    out.send(Load(len(waits), took, waits[len(waits) // 2], waits[len(waits) * 99 // 100], len(broken)))
