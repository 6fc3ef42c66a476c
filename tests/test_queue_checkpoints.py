"""SQLite's write-ahead log, written back by a worker's chore."""

import pytest
from django.db import connection

from queue_table.chores import Chores
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
