"""How quick the pages are, with few and with many goods and orders, each in turn with the empty view."""

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.bench import Bench, Pair
from tests.benchmarks.databases.base import Database, database_in
from tests.benchmarks.pages.load import Load, put_load
from tests.benchmarks.pages.server import BLANK, SHOP, Server, serving
from tests.benchmarks.pages.sql_count import COUNT
from tests.benchmarks.pages.visitor import Request, ask
from tests.benchmarks.pages.visits import visits
from tests.benchmarks.processes import backends, run

FEW, MANY = (1_000, 1_000), (10_000, 100_000)  # products and orders
SECONDS, BLANK_SECONDS, WARM_SECONDS = 4, 1, 3
LIGHT, HEAVY = 8, 32  # connections
EMPTY = [Request("/")]
FILLED = [
    *("catalogue_category", "catalogue_product", "catalogue_picture", "catalogue_variant", "catalogue_variant_values"),
    *("catalogue_stock", "orders_order", "orders_orderline"),
]


@dataclass(frozen=True)
class Weight:
    """Of one answer, with nobody else there."""

    statements: int
    bytes_sent: int
    bytes_of_html: int


@dataclass(frozen=True)
class Held:
    """A page under load, and the empty view before and after it."""

    load: Load
    empty: float  # requests per second
    cpu_ms: float  # of the server and its database, for one request
    empty_cpu_ms: float

    @property
    def pair(self) -> Pair:
        return self.load.rate, self.empty


class Shopfront:
    """The shop in a bench's database, and the empty view beside it."""

    def __init__(self, bench: Bench, goods: tuple[int, int]) -> None:
        self.bench, self.goods = bench, [str(bench.jobs(number)) for number in goods]
        self.environment = bench.environment | {
            "DATABASE_URL": bench.database.url,
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.pages.settings",
        }

    def __enter__(self) -> "Shopfront":
        self.where = self._fill()
        with ExitStack() as stack:
            self.weights = self._weigh()
            self.blank = stack.enter_context(serving(BLANK, self.environment, self.bench.folder))
            self.shop = stack.enter_context(serving(SHOP, self.environment, self.bench.folder))
            self.visits = visits(self.where, self.shop.address)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def _fill(self) -> dict[str, Any]:
        self.bench.say("goods and orders")
        run([sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"], self.environment)
        told = run([sys.executable, "-m", "tests.benchmarks.pages.fill", *self.goods], self.environment)
        where: dict[str, Any] = json.loads(told)
        for table in FILLED:
            self.bench.database.settle(table)
        return where

    def _weigh(self) -> dict[str, Weight]:
        """The third answer of one process: what is made once is made."""
        environment = self.environment | {"SB_COUNT_SQL": "1"}
        with serving(SHOP, environment, self.bench.folder, workers=1) as server:
            return {kind: _weight(server, asked[:3]) for kind, asked in visits(self.where, server.address).items()}

    def under(self, kind: str, connections: int) -> Held:
        self.bench.say(f"{kind}, {connections} connections")
        requests = self.visits[kind]
        self._put(self.shop, requests, connections, WARM_SECONDS)  # both workers have seen them
        before, cpu_before = self._put(self.blank, EMPTY, connections, BLANK_SECONDS)
        load, cpu = self._put(self.shop, requests, connections, max(1, SECONDS * self.bench.scale))
        after, cpu_after = self._put(self.blank, EMPTY, connections, BLANK_SECONDS)
        return Held(load, (before.rate + after.rate) / 2, cpu, (cpu_before + cpu_after) / 2)

    def while_staff_work(self, kind: str) -> Held:
        """The catalogue has a new edition each second: what the pages remember holds no longer than that."""
        with _every_second(self.bench.database, "UPDATE catalogue_edition SET number = number + 1"):
            return self.under(kind, LIGHT)

    def _put(self, server: Server, requests: Sequence[Request], connections: int, seconds: float) -> tuple[Load, float]:
        """The load, and the milliseconds of CPU that a request took."""
        before = self._used(server)
        load = put_load(server.address, requests, connections, seconds, self.bench.folder)
        used = self._used(server)
        return load, sum(1000 * (used[pid] - before.get(pid, 0)) for pid in used) / load.requests

    def _used(self, server: Server) -> dict[int, float]:
        """Seconds of CPU so far, by process."""
        return server.tree.used() | backends(database_in(self.bench.database.url))


@contextmanager
def _every_second(database: Database, statement: str) -> Iterator[None]:
    own, over = type(database)(database.url), threading.Event()

    def repeat() -> None:
        while not over.wait(1):
            own.run(statement)
        own.close()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _weight(server: Server, asked: Sequence[Request]) -> Weight:
    *_, last = (ask(server.address, request) for request in asked)
    return Weight(int(last.headers[COUNT]), len(last.sent), len(last.body))


def measure(bench: Bench) -> list[Pair]:
    """The rows of `pages.rows`, page by page."""
    with Shopfront(bench, FEW) as few:
        light_with_few = {kind: few.under(kind, LIGHT) for kind in few.visits}
    with Shopfront(bench, MANY) as many:
        return [pair for kind in many.visits for pair in _pairs(many, kind, light_with_few[kind])]


def _pairs(shop: Shopfront, kind: str, few: Held) -> list[Pair]:
    light, heavy, weight = shop.under(kind, LIGHT), shop.under(kind, HEAVY), shop.weights[kind]
    return [
        light.pair,
        heavy.pair,
        shop.while_staff_work(kind).pair,
        (light.load.p99_ms, light.load.p50_ms),
        (heavy.load.p99_ms, heavy.load.p50_ms),
        (light.cpu_ms, light.empty_cpu_ms),
        (light.load.rate / light.empty, few.load.rate / few.empty),
        (weight.statements, None),
        (weight.bytes_sent, weight.bytes_of_html or None),
    ]
