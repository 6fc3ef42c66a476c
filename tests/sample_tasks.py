"""Tasks for tests to enqueue. The shop has no route to any of them: a row's path is all that leads here."""

import asyncio
import os
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from queue_table.exceptions import Discard, Retry, Snooze
from queue_table.messages import OrderConfirmed
from queue_table.models import Job
from queue_table.outbox import publish
from queue_table.tasks_api import TaskContext, task
from shop.catalogue.models import Category


@task
def append(path: str, word: str, seconds: float = 0.0) -> None:
    """Leaves a trace outside the database: one line, written at once, by whichever process runs it."""
    time.sleep(seconds)
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {word}\n")


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


@task
def exit_politely() -> None:
    raise SystemExit(3)


@task
def return_no_json() -> object:
    return object()


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
def write_category(slug: str, fail: bool = False) -> None:
    """A write, a message, and maybe a failure after both."""
    Category.objects.create(slug=slug, title=slug)
    publish(OrderConfirmed(order_id=1, order_number="A", customer="guest"))
    if fail:
        raise RuntimeError("after the write")


@task
def kill_own_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task
def lose_all_claims() -> None:
    """What another worker does to this one's rows when it was silent for too long."""
    time.sleep(1.2)
    for job in Job.objects.expired():
        Job.objects.rescue(job, began=False)
    Job.objects.update(available_at=timezone.now() + timedelta(hours=1))


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
