"""`make run`, as a person types it: one command, one shop, and nothing left behind when it ends."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings

from tests.ports import free_port

START_SECONDS = 120
TARGETS = ["help", "setup", "run", "test", "races", "bench", "chaos", "lint", "messages", "lock"]
GREETING = "The shop: http://"


class RunningShop:
    """`make run` in a session of its own, so that all its processes can be found."""

    def __init__(self, data: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = data / "log.txt"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "DJANGO_"))}
        with self.log.open("w") as log:
            self.make = subprocess.Popen(
                ["make", "run", f"PORT={port}"],
                cwd=settings.BASE_DIR,
                env=environment | {"DATA_DIR": str(data), "DATABASE_URL": f"sqlite:///{data}/shop.sqlite3"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not holds():
            assert self.make.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.1)

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:  # noqa: S310 (our own address)
            assert answer.status == 200
            return bytes(answer.read())

    def processes(self, *words: str) -> list[int]:
        """The ids of this session's living processes whose command line holds all words, oldest first."""
        return sorted(
            pid for pid, session, line in living() if session == self.make.pid and all(w in line for w in words)
        )


def living() -> Iterator[tuple[int, int, str]]:
    """Each process that is no zombie: its id, its session's and its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if status[0] != "Z":
            yield int(folder.name), int(status[3]), line


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@contextmanager
def make_run(data: Path) -> Iterator[RunningShop]:
    """A shop that has greeted. Whatever happens, none of its processes is left."""
    shop = RunningShop(data, free_port())
    try:
        shop.wait_for(lambda: GREETING in shop.output())
        yield shop
    finally:
        for pid in shop.processes():
            os.kill(pid, signal.SIGKILL)
        shop.make.wait()


def duties_done(data: Path) -> int:
    with closing(sqlite3.connect(data / "shop.sqlite3")) as database:
        return int(
            database.execute("SELECT count(*) FROM order_queue WHERE kind = 'duty' AND status = 1").fetchone()[0]
        )


def interrupt(shop: RunningShop) -> None:
    """Ctrl-C: the terminal tells every process of the foreground group."""
    os.killpg(shop.make.pid, signal.SIGINT)
    shop.make.wait(timeout=15)


def test_one_command_starts_the_shop_and_its_queue_and_a_second_start_keeps_what_is_there(tmp_path: Path) -> None:
    with make_run(tmp_path) as shop:
        page = shop.get("/").decode()
        stylesheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
        assert stylesheet, "static files bear the hash of what they hold"
        shop.get(stylesheet[1])
        assert b"csrfmiddlewaretoken" in shop.get("/account/login/")
        shop.wait_for(lambda: duties_done(tmp_path) == len(settings.QUEUE_DUTIES))
        assert re.search(r"staff@shop\.example, password \w{20}\n", shop.output())
        interrupt(shop)
        assert shop.processes() == []
    with make_run(tmp_path) as again:
        assert "password" not in again.output()
        assert "demo catalogue" not in again.output().lower()
        again.get("/")
        again.make.terminate()
        again.make.wait(timeout=15)
        assert again.processes() == []


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        shop = RunningShop(tmp_path, other.getsockname()[1])
        assert shop.make.wait(timeout=START_SECONDS) != 0
        assert f"Port {other.getsockname()[1]} can't be used: Address already in use." in shop.output()
        assert list(tmp_path.glob("*.sqlite3")) == []


def test_the_shop_ends_when_its_server_dies_and_goes_on_when_its_queue_does(tmp_path: Path) -> None:
    with make_run(tmp_path) as shop:
        queue = shop.processes("queue_loop")[0]
        parent_of_both = parent(queue)
        os.kill(queue, signal.SIGKILL)
        shop.wait_for(lambda: "The queue's process ended with code -9" in shop.output())
        shop.wait_for(lambda: any(parent(pid) == parent_of_both for pid in shop.processes("queue_loop")))
        os.kill(shop.processes("gunicorn")[0], signal.SIGKILL)
        assert shop.make.wait(timeout=15) != 0
        assert "gunicorn ended with code -9" in shop.output()
        deadline = time.monotonic() + 10  # its workers see that their master is gone
        while shop.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert shop.processes() == []


def test_make_alone_says_what_there_is() -> None:
    done = subprocess.run(["make"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in done.stdout.splitlines()] == TARGETS
