"""Many processes that write orders with their jobs while workers work: nobody is refused, and nothing gets lost."""

import multiprocessing
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, connections, transaction

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.outbox import call, enqueue_many
from tests.chaos.crew import Crew
from tests.chaos.ledger import marks
from tests.chaos.tasks import quiet, written

FORK = multiprocessing.get_context("fork")
SHIFTS = [["--forever", "--batch-size", "100"], ["--forever", "--batch-size", "10"]]
ORDERS = "CREATE TABLE chaos_order (id bigint NOT NULL PRIMARY KEY, writer integer NOT NULL)"
AN_ORDER = "INSERT INTO chaos_order (id, writer) VALUES (%s, %s)"
JOBS_PER_ORDER = (1, 1, 2, 4)
PATIENCE = 120.0  # without any progress
BAD_WORDS = ("deadlock", "is locked", "traceback", "lock wait timeout", "does not answer")


@dataclass
class Traffic:
    """What happened. `slowest`: seconds of the longest transaction of any writer."""

    jobs: int
    seconds: float = 0.0
    written_in: float = 0.0
    slowest: float = 0.0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"jobs={self.jobs} written_in={self.written_in:.1f} done_in={self.seconds:.1f}"
            f" slowest_transaction={self.slowest:.2f} findings={len(self.findings)}"
        )


def write_and_work(
    folder: Path,
    environment: dict[str, str],
    *,
    jobs: int,
    writers: int = 8,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Traffic:
    """Lets `writers` processes write `jobs` jobs together while two workers perform them."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chaos_order")
        cursor.execute(ORDERS)
    traffic, began = Traffic(jobs), time.monotonic()
    crew = Crew(environment, folder, SHIFTS)
    crew.keep_up()
    people = _start(folder, jobs, writers)
    try:
        _wait_until_done(traffic, people, on_progress)
        traffic.seconds = time.monotonic() - began
    finally:
        for person in people:
            person.kill()
        crew.dismiss()
    _judge(traffic, folder, writers, crew)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE chaos_order")
    return traffic


def _start(folder: Path, jobs: int, writers: int) -> "list[multiprocessing.context.ForkProcess]":
    connections.close_all()  # a connection must not be in two processes
    shares = [jobs // writers + (number < jobs % writers) for number in range(writers)]
    people = [FORK.Process(target=_write, args=(folder, number, share)) for number, share in enumerate(shares)]
    for person in people:
        person.start()
    return people


def _write(folder: Path, writer: int, jobs: int) -> None:
    """One writer. Notes each order that the database has taken, and how long the longest transaction took."""
    slowest, order = 0.0, 0
    with (folder / f"taken{writer}").open("w") as taken, (folder / f"refused{writer}").open("w") as refused:
        while jobs > 0:
            key, began = writer * 10_000_000 + order, time.monotonic()
            count = min(jobs, JOBS_PER_ORDER[order % len(JOBS_PER_ORDER)])
            try:
                _write_order(key, writer, count)
                taken.write(f"{key} {count}\n")
            except Exception:
                refused.write(traceback.format_exc())
            slowest = max(slowest, time.monotonic() - began)
            jobs, order = jobs - count, order + 1
        taken.write(f"slowest {slowest}\n")


def _write_order(key: int, writer: int, count: int) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(AN_ORDER, [key, writer])
        enqueue_many(written if key % 4 == 0 else quiet, [call(key)] * count, order_id=key)


def _wait_until_done(
    traffic: Traffic, people: "Sequence[multiprocessing.context.ForkProcess]", on_progress: Callable[[int], object]
) -> None:
    began = moved = time.monotonic()
    done = -1
    while done < traffic.jobs:
        time.sleep(0.1)
        if not traffic.written_in and not any(person.is_alive() for person in people):
            traffic.written_in = time.monotonic() - began
        now_done = Job.objects.filter(kind="task", status__in=(Status.DONE, Status.FAILED)).count()
        if now_done != done:
            done, moved = now_done, time.monotonic()
            on_progress(done)
        elif time.monotonic() - moved > PATIENCE:
            traffic.findings.append(f"nothing moves since {PATIENCE:g} s; {traffic.jobs - done} jobs are left")
            return


def _judge(traffic: Traffic, folder: Path, writers: int, crew: Crew) -> None:
    taken: Counter[int] = Counter()
    for writer in range(writers):
        *orders, last = (folder / f"taken{writer}").read_text().splitlines() or ["slowest nan"]
        taken += Counter({int(key): int(count) for key, count in map(str.split, orders)})
        traffic.slowest = max(traffic.slowest, float(last.split()[1]))
        if errors := (folder / f"refused{writer}").read_text():
            traffic.findings.append(f"writer {writer} was refused: {errors[-1500:]}")
    rows = list(Job.objects.filter(kind="task").values_list("order_id", "status", "task", "attempts", "pk"))
    kept = Counter(order for order, *_ in rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM chaos_order")
        orders_kept = {key for (key,) in cursor.fetchall()}
    if kept != taken or orders_kept != set(taken):
        traffic.findings.append(f"{taken.total()} jobs were acknowledged, {kept.total()} are in the table")
    odd = [row for row in rows if (row[1], row[3]) != (Status.DONE, 1)]
    effects = Counter(key for *_, task, _, key in rows if task == written.module_path)
    made = Counter(mark.job for mark in marks())
    if odd or made != effects:
        wrong = (effects - made) + (made - effects)
        traffic.findings.append(f"not done at once: {len(odd)} as {odd[:3]}; {len(wrong)} jobs without one effect each")
    words = crew.words()
    traffic.findings += [f"{word!r} stands in stderr: {words[-1500:]}" for word in BAD_WORDS if word in words.lower()]
    traffic.findings += crew.complaints
