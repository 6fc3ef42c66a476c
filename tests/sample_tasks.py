"""Tasks for tests to enqueue. The shop has no route to any of them: a row's path is all that leads here."""

import os
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from queue_table.exceptions import Discard, Retry, Snooze
from queue_table.messages import OrderConfirmed
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
def write_category_alone(slug: str) -> None:
    Category.objects.create(slug=slug, title=slug)


@task
def kill_own_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task
def note_time(path: str) -> None:
    Path(path).write_text(timezone.now().isoformat(), encoding="utf-8")


NOT_A_TASK = "a string"
