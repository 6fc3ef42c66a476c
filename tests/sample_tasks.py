"""Tasks for tests to enqueue. The shop has no route to any of them: a row's path is all that leads here."""

import asyncio
import json
import os
import signal
import time
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.utils import timezone, translation

from queue_table.exceptions import Discard, Retry, Snooze
from queue_table.messages import OrderConfirmed
from queue_table.models import Job
from queue_table.outbox import publish
from queue_table.running import check_cancelled, current, progress_of, report_progress
from queue_table.tasks_api import TaskContext, task
from shop.catalogue.models import Category
from tests.at_once import at_once

NOT_IN_THIS_RUN = (3600.0,)  # a run on a busy machine may last longer than the usual pause


@task
def append(path: str, word: str, seconds: float = 0.0) -> None:
    """Leaves a trace outside the database: one line, written at once, by whichever process runs it."""
    time.sleep(seconds)
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {word}\n")


@task
def wait_for_file(path: str) -> None:
    """As long as the test wants."""
    while not Path(path).exists():
        time.sleep(0.02)


@task
def add(a: int, b: int) -> int:
    return a + b


@task
async def add_later(a: int, b: int) -> int:
    return a + b


@task(takes_context=True)  # type: ignore[arg-type]
def attempt_number(context: TaskContext) -> int:
    return context.attempt


@task
def raise_error() -> None:
    raise RuntimeError("the carrier is on strike")


@task(max_attempts=1)
def raise_once() -> None:
    raise RuntimeError("only one try")


@task(retry_delays=[1], takes_context=True)  # type: ignore[arg-type]
def fail_once(context: TaskContext) -> None:
    if context.attempt == 1:
        raise RuntimeError("the first time")


@task
def exit_politely() -> None:
    raise SystemExit(3)


@task
def return_no_json() -> object:
    return object()


ODD_RESULTS: dict[str, Any] = {
    "NUL": "a\0b",
    "NUL in a key": {"a\0b": 1},
    "half a character": ["\ud800"],
    "no number": {"ratio": float("nan")},
    "too deep": json.loads("[" * 30 + "]" * 30),
    "too long a number": 10**5000,
    "too large": "x" * 300_000,
    "no JSON": {1, 2},
}


@task(max_attempts=2)
def return_odd(what: str) -> Any:
    return ODD_RESULTS[what]


@task
def ask_for_retry(seconds: int) -> None:
    raise Retry("not now", after=timedelta(seconds=seconds))


@task
def snooze_until(moment: str) -> None:
    raise Snooze(datetime.fromisoformat(moment))


@task
def discard() -> None:
    raise Discard("the order is void")


@task(atomic=True)
def create_two_categories(first: str, second: str) -> None:
    """The second in a block of its own, which is rolled back; a third, named last, once all is committed."""
    Category.objects.create(slug=first, title=first)
    transaction.on_commit(partial(Category.objects.create, slug="after", title="after"))
    with suppress(ValueError), transaction.atomic():
        Category.objects.create(slug=second, title=second)
        raise ValueError("not this one")


@task(atomic=True)
def break_a_promise() -> None:
    """SQLite and PostgreSQL notice at the commit only that there is no such user."""
    LogEntry.objects.create(user_id=987_654_321, action_flag=1, object_repr="x")


@task(atomic=True)
def write_category(slug: str, fail: bool = False) -> None:
    """A write, a message, and maybe a failure after both."""
    Category.objects.create(slug=slug, title=slug)
    publish(OrderConfirmed(order_id=1, order_number="A", customer="guest"))
    if fail:
        raise RuntimeError("after the write")


@task(atomic=True)
def enqueue_and_roll_back(fail: bool) -> None:
    """A savepoint that is rolled back in any case, and maybe the whole."""
    add.using(queue_name="other").enqueue(1, 1)
    with suppress(LookupError), transaction.atomic():
        Category.objects.create(slug="half", title="half")
        raise LookupError
    if fail:
        raise RuntimeError("after the savepoint")


@task
def make_the_server_forget() -> None:
    """As a pooler does when it hands a connection on."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")


@task
def ask_sqlite(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@task(retry_delays=NOT_IN_THIS_RUN)
def kill_own_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task
def kill_own_group() -> None:
    """Its process, and the one that watches it."""
    os.killpg(0, signal.SIGKILL)


@task(retry_delays=NOT_IN_THIS_RUN)
def leave(code: int) -> None:
    os._exit(code)


@task(timeout=1, retry_delays=NOT_IN_THIS_RUN)
def hang(path: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("began\n")
    time.sleep(600)


@task(retry_delays=NOT_IN_THIS_RUN)
def eat_memory() -> None:
    eaten = []
    while True:
        eaten.append(b"x" * 2**20)
        time.sleep(0.001)


@task
def freeze_own_process() -> None:
    """As if the machine stopped this process, and only it."""
    os.kill(os.getpid(), signal.SIGSTOP)


@task
def lose_all_claims() -> None:
    """What another worker does to this one's rows when it was silent for too long."""
    time.sleep(1.2)
    for job in Job.objects.expired():
        Job.objects.rescue(job, counted=False)
    Job.objects.filter(status=0).update(stage=1, available_at=timezone.now() + timedelta(hours=1))


@task
def raise_odd_text() -> None:
    raise RuntimeError("nul \0 and half a pair \ud800")


@task
def retry_after_a_number() -> None:
    raise Retry(after=5)  # type: ignore[arg-type]


@task
async def cancel_self() -> None:
    raise asyncio.CancelledError


@task
def raise_with_row() -> None:
    raise RuntimeError("violates check\nDETAIL:  Failing row contains (1, Ada Lovelace).")


NOT_A_TASK = "a string"


@task(concurrency_key="the only door")
def pass_door(number: int = 0) -> None:
    """One at a time."""


def door_of(number: int, **_: object) -> str | None:
    return f"door {number}" if number else None


@task(concurrency_key=door_of, concurrency_limit=3)
def pass_wide_door(number: int, **_: object) -> None:
    """Three at a time, for each number but 0."""


@task(rate_limit="10/s")
def knock() -> None:
    """Ten in a second."""


@task(rate_limit="1/hour")
def ring_bell() -> None:
    """One in an hour."""


@task(concurrency_key="the only door")
def stop_in_door(how: str) -> None:
    if how == "snooze":
        raise Snooze(timezone.now() + timedelta(hours=1))
    raise RuntimeError("stuck")


@task
def note_batch(*, batch_id: int) -> int:
    """What follows on a batch."""
    return batch_id


def key_of_open_door(batch_id: int) -> str:
    if closed_doors:
        raise LookupError("no such door")
    return f"door {batch_id}"


closed_doors: list[str] = []


@task(concurrency_key=key_of_open_door)
def note_batch_at_door(*, batch_id: int) -> int:
    """What follows on a batch, if its key can be told."""
    return batch_id


@task(max_attempts=4, retry_delays=[5, timedelta(hours=2)])
def fail_patiently() -> None:
    raise RuntimeError("not yet")


@task(max_attempts=5)
def tell_progress() -> list[object]:
    """What others see of this job while it runs."""
    attempt = current()
    assert attempt is not None
    report_progress(1, 3, "one of three")
    seen = at_once(partial(progress_of, attempt.id))
    report_progress(2.5, 3)
    return [list(attempt), *seen]


@task
async def tell_progress_later() -> None:
    await sync_to_async(report_progress)(1, note="async")


@task(atomic=True)
def work_until_cancelled(slug: str) -> None:
    """Staff want its end while it works."""
    attempt = current()
    assert attempt is not None
    check_cancelled()
    Category.objects.create(slug=slug, title=slug)
    Job.objects.filter(pk=attempt.id).update(cancel_requested_at=timezone.now())
    check_cancelled()


@task(rate_limit="4/s")
def throttled() -> None:
    """At most four in a second."""


@task
def leave_a_transaction_open() -> None:
    connection.set_autocommit(False)


@task
def leave_a_begun_transaction_open(slug: str, how: str) -> None:
    """As Django does not see it. MariaDB has a second way."""
    with connection.cursor() as cursor:
        cursor.execute("SET autocommit = 0" if how == "unseen" and connection.vendor == "mysql" else "BEGIN")
    if how != "unseen":
        Category.objects.create(slug=slug, title=slug)
    if how == "raise":
        raise RuntimeError("after the write")


NEAR = ContextVar("near", default="")


@task
def leave_its_ways(word: str) -> None:
    translation.activate("zh-hans")
    timezone.activate("Asia/Shanghai")
    NEAR.set(word)


@task
def tell_its_ways() -> list[str]:
    return [translation.get_language(), timezone.get_current_timezone_name(), NEAR.get()]


@task
async def tell_its_ways_later() -> list[str]:
    return [translation.get_language(), timezone.get_current_timezone_name(), NEAR.get()]
