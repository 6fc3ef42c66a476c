"""SQLite's write-ahead log, written back by a worker's chore."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.db import connection

from queue_table.chores import CHECKPOINT_SECONDS, SHORT_LOG_SECONDS, Chores
from queue_table.lifecycle import Status
from tests.queue_rows import again, put
from tests.sample_tasks import add, ask_sqlite
from tests.test_queue_processes import CRON, end, start

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's"),
]


def test_no_commit_of_a_worker_tries_to_write_the_log_back(process_environment: dict[str, str]) -> None:
    """While a reader holds a snapshot that is in vain, and takes longer than the commit."""
    job = put(ask_sqlite, "PRAGMA wal_autocheckpoint")
    assert end(start(CRON, process_environment))[0] == 0
    assert (again(job).status, again(job).result) == (Status.DONE, 0)


def test_a_chore_writes_the_log_back() -> None:
    for number in range(50):
        put(add, 1, number)
    Chores().do_what_is_due()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(NOOP)")
        _, pages, written_back = cursor.fetchone()
    assert pages == written_back > 0


@pytest.fixture
def chores(monkeypatch: pytest.MonkeyPatch) -> Chores:
    """Under a clock that stands still, so that a pause is a figure."""
    monkeypatch.setattr("queue_table.chores.time", SimpleNamespace(monotonic=lambda: 100.0))
    return Chores()


def _pause_after(chores: Chores) -> float:
    chores.hurry()
    chores.do_what_is_due()
    return chores.pause(60.0)


def test_while_somebody_writes_the_log_is_written_back_again_soon(chores: Chores) -> None:
    put(add, 1, 1)
    assert _pause_after(chores) == pytest.approx(SHORT_LOG_SECONDS)


def test_while_nobody_writes_a_worker_rests(chores: Chores) -> None:
    _pause_after(chores)
    assert _pause_after(chores) == pytest.approx(CHECKPOINT_SECONDS)


def test_while_a_reader_makes_it_vain_it_is_tried_as_seldom_as_ever(chores: Chores) -> None:
    put(add, 1, 1)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM order_queue").fetchall()
        put(add, 1, 2)
        assert _pause_after(chores) == pytest.approx(CHECKPOINT_SECONDS)
