"""Our queue as a peer of the benchmark of job queues (`QB_PLUGIN=order_queue_peer`; the README beside says how).

This module runs in that benchmark's environment and needs only its drivers. The worker and the enqueueing run in the
project's own: ORDER_QUEUE_PYTHON, by default the project's .venv.
"""

import atexit
import os
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from qbench.common import MYSQLURL, PGURL, SQLITE_DIR  # type: ignore[import-not-found]  # the other benchmark's
from qbench.peers import Peer  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT))

from tests.benchmarks.databases import database_at  # noqa: E402 (found through the line above)
from tests.benchmarks.databases.base import Database  # noqa: E402

PYTHON = os.environ.get("ORDER_QUEUE_PYTHON", str(ROOT / ".venv" / "bin" / "python"))
MANAGE = [PYTHON, str(ROOT / "manage.py")]
UNFINISHED = "task LIKE 'tests.benchmarks.peer.%' AND (status = 2 OR (status = 0 AND stage = 0))"
PATIENCE_SECONDS = 30


class OrderQueue(Peer):  # type: ignore[misc]
    """A database of its own: the harness's own tables bear the same name."""

    url = ""
    batch = 100
    latency_samples = 150

    def __init__(self) -> None:
        self.env = {
            "DATABASE_URL": self.url,
            "DATA_DIR": str(Path(SQLITE_DIR) / "order_queue"),
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.ours.settings",
            "ENV_FILE": os.devnull,
            "ENVIRONMENT": "development",
            "SECRET_KEY": "for-benchmarks-only-" * 3,
        }

    @cached_property
    def database(self) -> Database:
        return database_at(self.url)

    def prepare(self) -> None:
        self.database.drop()
        self.database.create()
        subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], env=os.environ | self.env, check=True)

    def reset(self) -> None:
        self.database.clear("order_queue")

    def enqueue(self, payloads: list[Any]) -> None:
        self._send("one", payloads)

    def enqueue_bulk(self, payloads: list[Any]) -> None:
        self._send("many", payloads)

    def _send(self, how: str, payloads: list[Any]) -> None:
        self.producer.send((how, payloads))
        self.producer.recv()

    @cached_property
    def producer(self) -> "Connection[Any, Any]":
        """To a process in the project's environment, which ends when this one does."""
        self.folder = tempfile.TemporaryDirectory(prefix="order-queue-")  # goes with this process
        address = str(Path(self.folder.name) / "producer")
        command = [PYTHON, "-m", "tests.benchmarks.peer.order_queue_producer", address]
        producer = subprocess.Popen(command, cwd=ROOT, env=os.environ | self.env)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not Path(address).exists():
            if producer.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the process that enqueues did not start")
            time.sleep(0.01)
        connection = Client(address)
        atexit.register(connection.close)
        return connection

    def workers(self, k: int) -> list[list[str]]:
        if self.store == "pg":  # as the harness does for the peers in its own database
            self.database.run("VACUUM ANALYZE order_queue")
        waiting = ["--forever"] if "--forever" in self.usage else []
        return [[*MANAGE, "process_order_queue", "--batch-size", str(self.batch), *waiting]] * k

    @cached_property
    def usage(self) -> str:
        """Before `--forever` is there, a worker ends when nothing is due, and the pick-up can't be measured."""
        help_ = [*MANAGE, "process_order_queue", "--help"]
        return subprocess.run(help_, env=os.environ | self.env, capture_output=True, text=True, check=True).stdout

    def pending(self) -> int:
        return int(self.database.run(f"SELECT count(*) FROM order_queue WHERE {UNFINISHED}")[0][0])  # noqa: S608


class OnPostgres(OrderQueue):
    name, note = "order_queue PG b100", "batch 100"
    store, jobs, url = "pg", 40_000, f"{PGURL}_order_queue"


class OnPostgresByThree(OnPostgres):
    name, note, batch, jobs = "order_queue PG b3", "batch 3", 3, 10_000


class OnMariadb(OrderQueue):
    name, note = "order_queue MariaDB b100", "batch 100"
    store, jobs, url = "mysql", 20_000, f"{MYSQLURL}_order_queue"


class OnSqlite(OrderQueue):
    name, note = "order_queue SQLite b100", "WAL, synchronous=FULL, IMMEDIATE, batch 100"
    store, jobs, url = "sqlite", 40_000, f"sqlite:///{SQLITE_DIR}/order_queue.sqlite3"


PEERS = [OnPostgres, OnPostgresByThree, OnMariadb, OnSqlite]
