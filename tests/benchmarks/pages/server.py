"""gunicorn with two sync workers, for the shop or for the empty view: the same but for what it serves."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.pages.visitor import Address, Request, ask
from tests.benchmarks.processes import Broken, Tree, running
from tests.ports import free_port

SHOP, BLANK = "shop.wsgi", "tests.benchmarks.pages.blank"
HOST, PATIENCE_SECONDS = "127.0.0.1", 30


class Server:
    def __init__(self, address: Address, tree: Tree) -> None:
        self.address, self.tree = address, tree


@contextmanager
def serving(what: str, environment: Mapping[str, str], folder: Path, *, workers: int = 2) -> Iterator[Server]:
    """A server that answers. Raises Broken if it does not come up."""
    port, log = free_port(), folder / f"{what}.log"
    options = ["--workers", str(workers), "--worker-class", "sync", "--no-control-socket", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", what, *options, "--bind", f"{HOST}:{port}"]
    with running([command], environment, log) as processes:
        _wait((HOST, port), log)
        yield Server((HOST, port), Tree(processes))


def _wait(address: Address, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            ask(address, Request("/"))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Broken(f"the server did not come up: {log.read_text()[-500:]}")
