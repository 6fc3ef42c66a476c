"""What a worker that is to run for ever does when its database, its parent or a part of it fails it for a moment."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import override_settings

from queue_table.connecting import claiming_connection
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.rescue import rescue_expired
from tests.at_once import at_once
from tests.chaos import tasks
from tests.chaos.fail_points import Point, lose_the_database, run_with, stumble
from tests.chaos.ledger import ledger
from tests.queue_rows import again, claim, end_lease, put, run_worker
from tests.sample_tasks import append, hang
from tests.silence import wire
from tests.test_queue_processes import WORKER, end, start, traces
from tests.test_queue_supervisor import children_of, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
ROWS = "queue_table.querysets.JobQuerySet"
SHORT_LEASE = override_settings(QUEUE_LEASE_SECONDS=1)


@pytest.fixture(autouse=True)
def _table(transactional_db: None) -> Iterator[None]:
    with ledger():
        yield


def all_are_done() -> bool:
    return not Job.objects.filter(kind="task").exclude(status=Status.DONE).exists()


@SHORT_LEASE
def test_rows_that_the_parent_could_not_settle_are_rescued_while_it_lives(tmp_path: Path) -> None:
    for task in (tasks.plain, tasks.dying_once, tasks.plain):
        put(task, str(tmp_path / "trace"))
    point = Point("queue_table.supervisor.settle_claim", "before", "parent")
    assert run_with(point, lose_the_database, tmp_path / "words", all_are_done, forever=True)


@SHORT_LEASE
def test_rows_that_a_worker_could_not_settle_when_the_database_came_back_are_rescued_while_it_lives(
    tmp_path: Path,
) -> None:
    for _ in range(3):
        put(tasks.plain, str(tmp_path / "trace"))
    point = Point(f"{ROWS}.complete_all", "before", times=2)
    assert run_with(point, lose_the_database, tmp_path / "words", all_are_done, forever=True)


@SHORT_LEASE
def test_a_thread_that_stumbles_takes_its_whole_process_with_it_and_nothing_waits(tmp_path: Path) -> None:
    for _ in range(30):
        put(tasks.plain, str(tmp_path / "trace"), 0.01)
    point = Point(f"{ROWS}.complete_all", "before", "thread")
    assert run_with(point, stumble, tmp_path / "words", all_are_done, forever=True, threads=2)


@SHORT_LEASE
def test_a_parent_that_stumbles_leaves_no_child_behind(tmp_path: Path) -> None:
    put(tasks.plain, str(tmp_path / "trace"), 0.5)
    assert run_with(Point(f"{ROWS}.renew", "before", "parent"), stumble, tmp_path / "words", forever=True)
    assert all_are_done(), "what was in hand had its grace time"


def test_a_dead_workers_row_that_is_still_locked_keeps_nobody_from_working(tmp_path: Path) -> None:
    """A host that froze or was cut off within a transaction: its server connection may live on for hours."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's one lock goes with its process")
    first, second = put(tasks.plain, str(tmp_path / "trace")), put(tasks.plain, str(tmp_path / "trace"))
    [held] = claim(1)
    assert held.pk == first.pk
    end_lease(held)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=first.pk)
            locked.set()
            done.wait(30)

    def work() -> float:
        locked.wait(15)
        began = time.monotonic()
        run_worker()
        done.set()
        return time.monotonic() - began

    _, seconds = at_once(hold, work)
    assert seconds < 15
    assert Job.objects.get(pk=second.pk).status == Status.DONE


def test_a_worker_whose_connections_were_cut_goes_on(process_environment: dict[str, str], tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no connections to cut")
    worker = start([*WORKER, "--forever"], process_environment)
    for number in range(3):
        job = put(tasks.plain, str(tmp_path / "trace"))
        wait_for(lambda job=job: again(job).status == Status.DONE)
        assert cut_all_other_connections() >= number % 2
    worker.terminate()
    assert end(worker)[0] == 0


@SHORT_LEASE
def test_a_worker_that_was_frozen_with_its_parent_begins_nothing_that_another_has(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    """The first row is in hand all the time: who wakes up goes on with it, and then looks."""
    rows = [put(append, str(tmp_path / "trace"), str(number), 2.0 * (number == 0)) for number in range(4)]
    worker = start(WORKER, process_environment | {"QUEUE_LEASE_SECONDS": "1"})
    wait_for(lambda: again(rows[0]).status == Status.CLAIMED)
    os.killpg(worker.pid, signal.SIGSTOP)
    for row in rows:
        end_lease(row)
    rescue_expired()
    others = claim(10, "another")
    os.killpg(worker.pid, signal.SIGCONT)
    assert end(worker)[0] == 0
    assert [word for _, word in traces(tmp_path / "trace")] == ["0"]
    assert {again(job).claimed_by for job in others} == {"another"}
    assert {row.pk for row in rows} <= {job.pk for job in others}  # and perhaps a duty's


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has a bell")
def test_an_idle_worker_whose_ear_is_cut_off_says_so_in_a_line_and_goes_on(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    with (tmp_path / "words").open("w") as words:
        worker = subprocess.Popen([*WORKER, "--forever"], env=process_environment, stdout=words, stderr=words)
    wait_for(lambda: rows_of(LISTENING.replace("pid", "pg_terminate_backend(pid)", 1)))
    job = put(tasks.plain, str(tmp_path / "trace"))
    wait_for(lambda: again(job).status == Status.DONE)
    worker.terminate()
    said = (tmp_path / "words").read_text()
    assert (worker.wait(90), said.count("the database does not answer"), said.count("Traceback")) == (0, 1, 0), said


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could fall silent")
def test_a_silent_database_keeps_nobody_from_ending_a_job_that_takes_too_long(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    job = put(hang, str(tmp_path / "began"))
    with wire() as wired:
        url = urlsplit(process_environment["DATABASE_URL"])
        through = url._replace(netloc=url.netloc.replace(f":{url.port}", f":{wired.port}")).geturl()
        worker = start(WORKER, process_environment | {"DATABASE_URL": through, "QUEUE_LEASE_SECONDS": "1"})
        wait_for((tmp_path / "began").exists)
        [child] = children_of(worker.pid)
        wired.fall_silent()  # at the latest when it renews a lease the parent hears nothing any more
        wait_for(lambda: not is_running(child))
        wired.speak()
        assert end(worker)[0] == 0
    assert (again(job).status, again(job).attempts) == (Status.READY, 1)
    assert "took longer than 1 s" in again(job).errors[-1]["traceback"]


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could fall silent")
@override_settings(QUEUE_DUTIES={})  # one that is in hand when the wire falls silent holds its process for a minute
def test_a_worker_whose_connections_hear_nothing_any_more_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("queue_table.watched.SILENT_SECONDS", 2.0)
    monkeypatch.setattr("queue_table.supervisor.ANSWER_SECONDS", 2.0)
    jobs = [put(tasks.plain, str(tmp_path / "trace"))]
    with wire() as wired:

        def another_is_done() -> bool:
            if len(jobs) == 1 and all_are_done():
                wired.lose_those_that_are_open()
                jobs.append(put(tasks.plain, str(tmp_path / "trace")))
            return len(jobs) == 2 and all_are_done()

        begin = Point("queue_table.supervisor.Supervisor.run", "before", "parent")
        assert run_with(
            begin,
            lambda: connection.settings_dict.update(PORT=wired.port),
            tmp_path / "words",
            another_is_done,
            forever=True,
        )
    assert {again(job).attempts for job in jobs} == {1}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could be cut off")
@pytest.mark.parametrize("connect", [lambda: connection, claiming_connection], ids=["default", "claiming"])
def test_a_server_that_is_cut_off_is_given_up_after_a_minute(connect: Callable[[], Any]) -> None:
    one = connect()
    one.ensure_connection()
    number = one.connection.fileno() if one.vendor == "postgresql" else one.connection._sock.fileno()
    with socket.socket(fileno=os.dup(number)) as seen:
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        assert [seen.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [20, 10, 3, 60_000]
        assert seen.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    one.close()


def test_who_has_nothing_left_to_do_is_not_taken_for_one_whose_database_is_silent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One thread ends, or waits for work, while the other has a long job."""
    monkeypatch.setattr("queue_table.watched.SILENT_SECONDS", 2.0)
    nowhere = Point("queue_table.supervisor.settle_claim", "before", "parent")
    for forever in (False, True):
        put(tasks.plain, str(tmp_path / "trace"), 4.0)
        until = all_are_done if forever else None
        assert not run_with(nowhere, stumble, tmp_path / "words", until, threads=2, forever=forever), "no child died"
        assert all_are_done()


LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%%'"


def rows_of(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def cut_all_other_connections() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return len(cursor.fetchall())
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()")
        ids = [row[0] for row in cursor.fetchall()]
        for number in ids:
            cursor.execute(f"KILL {number}")
        return len(ids)
