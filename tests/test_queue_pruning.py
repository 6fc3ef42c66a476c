"""Done rows go after a while, in small steps beside the running workers, and nothing else goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from queue_table import duties
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.pruning import prune, prune_finished_jobs
from tests.queue_rows import claim, put
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
MONTH = timedelta(days=30)
DUTY = "tests.sample_tasks.attempt_number"
PATIENCE = 20


def row(status: Status, *, days_ago: int, created_days_ago: int | None = None, **columns: Any) -> Job:
    """A row in this state since so many days, and created then if nothing else is said."""
    job = put(add, 1, 1, **columns)
    over = status in (Status.DONE, Status.FAILED)
    finished_at = Now() - timedelta(days=days_ago) if over else None
    created_at = Now() - timedelta(days=days_ago if created_days_ago is None else created_days_ago)
    attempts = {"attempts": 1} if over else {}
    Job.objects.filter(pk=job.pk).update(status=status, finished_at=finished_at, created_at=created_at, **attempts)
    return job


def left() -> set[int]:
    return set(Job.objects.values_list("pk", flat=True))


def printed(*arguments: object) -> str:
    output = StringIO()
    call_command("prune_order_queue", *map(str, arguments), stdout=output)
    return output.getvalue()


def test_done_rows_go_and_all_others_stay() -> None:
    row(Status.DONE, days_ago=40)
    failed, waiting = row(Status.FAILED, days_ago=40), row(Status.READY, days_ago=40)
    just_done = row(Status.DONE, days_ago=20, created_days_ago=40)
    row(Status.DONE, days_ago=35)
    young = row(Status.DONE, days_ago=20)
    assert printed("--days", 30) == "pruned=2\n"
    assert left() == {failed.pk, waiting.pk, just_done.pk, young.pk}


def test_the_duty_keeps_as_many_days_as_the_settings_say() -> None:
    row(Status.DONE, days_ago=3)
    kept = row(Status.DONE, days_ago=1)
    with override_settings(QUEUE_KEEP_DAYS=2):
        assert prune_finished_jobs.call() == 1
    assert left() == {kept.pk}


def test_rows_go_in_batches_and_long_survivors_stop_nobody() -> None:
    for _ in range(2):
        row(Status.READY, days_ago=40)
    for _ in range(5):
        row(Status.DONE, days_ago=40)
    assert list(prune(MONTH, batch_size=2)) == [0, 2, 2, 1]


def test_the_walk_ends_where_rows_are_too_young() -> None:
    row(Status.DONE, days_ago=40)
    for _ in range(20):
        row(Status.DONE, days_ago=1)
    with CaptureQueriesContext(connection) as queries:
        assert list(prune(MONTH, batch_size=2)) == [1]
    reads = [
        query for query in queries.captured_queries if query["sql"].startswith("SELECT") and "LIMIT" in query["sql"]
    ]
    assert len(reads) == 2


def test_a_duty_that_is_done_is_not_forgotten_within_its_slot() -> None:
    duties.forget()
    with override_settings(QUEUE_DUTIES={DUTY: "04:00"}):
        duties.enqueue_due_duties()
        Job.objects.update(status=Status.DONE, attempts=1, finished_at=Now())
        other = row(Status.DONE, days_ago=1)
        assert printed("--days", 0) == "pruned=1\n"
        duties.forget()
        duties.enqueue_due_duties()
    assert Job.objects.count() == 1
    assert other.pk not in left()


def test_old_slots_of_a_duty_go_like_any_other_row() -> None:
    row(Status.DONE, days_ago=40, dedupe_key=f"{DUTY}:2020-01-01", kind="duty")
    with override_settings(QUEUE_DUTIES={DUTY: "04:00"}):
        assert sum(prune(MONTH)) == 1


@contextmanager
def meanwhile(work: Any) -> Iterator[Any]:
    """Another hand, in a transaction of its own that stays open after its work for as long as the block lasts."""
    done, end, results = Event(), Event(), []

    def hold() -> None:
        try:
            with transaction.atomic():
                results.append(work())
                done.set()
                end.wait(PATIENCE)
        finally:
            done.set()
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert done.wait(PATIENCE)
    try:
        yield results[0]
    finally:
        end.set()
        thread.join()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time; its batches are short")
def test_a_claim_that_is_held_open_does_not_hold_up_the_pruning() -> None:
    done = [row(Status.DONE, days_ago=40).pk for _ in range(3)]
    waiting = [row(Status.READY, days_ago=40).pk for _ in range(3)]
    done += [row(Status.DONE, days_ago=40).pk for _ in range(3)]
    with meanwhile(lambda: claim(2)) as claims, impatient():
        assert [taken.pk for taken in claims] == waiting[:2]
        assert list(prune(MONTH, batch_size=100)) == [len(done)]
    assert left() == set(waiting)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time; its batches are short")
def test_a_batch_that_is_held_open_does_not_hold_up_a_claim() -> None:
    for _ in range(3):
        row(Status.DONE, days_ago=40)
    waiting = row(Status.READY, days_ago=40)
    with meanwhile(lambda: list(prune(MONTH))) as gone, impatient():
        assert gone == [3]
        assert [taken.pk for taken in claim(10)] == [waiting.pk]


@contextmanager
def impatient() -> Iterator[None]:
    """Whoever would have to wait for a lock fails after two seconds instead."""
    mariadb, postgres = "SET innodb_lock_wait_timeout = {}", "SET lock_timeout = '{}s'"
    statement, before = (mariadb, 50) if connection.vendor == "mysql" else (postgres, 0)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(2))
    yield
    with connection.cursor() as cursor:
        cursor.execute(statement.format(before))
