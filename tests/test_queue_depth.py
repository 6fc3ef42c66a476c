"""What queue_status says: true, short of breath nowhere, and never from finished rows."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from queue_table import counting
from queue_table.depth import queue_depths
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, PausedQueue
from queue_table.outcomes import Outcome
from queue_table.tally import Tallies
from tests.queue_rows import put
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
HOUR = timedelta(hours=1)
EMPTY = {
    "due": 0,
    "oldest_due_seconds": 0,
    "scheduled": 0,
    "blocked": 0,
    "running": 0,
    "lease_over": 0,
    "shortest_lease_seconds": None,
    "failed": 0,
    "paused": False,
    "done_per_minute": 0.0,
    "failed_per_minute": 0.0,
    "at_least": [],
    "capped": False,
}


def row(queue: str = "default", **columns: Any) -> Job:
    """A row in any state, by what its columns hold; moments may be expressions of the database's clock."""
    job = put(add.using(queue_name=queue), 1, 1)
    Job.objects.filter(pk=job.pk).update(**columns)
    return job


def running(queue: str, lease: timedelta) -> Job:
    claimed = {"status": Status.CLAIMED, "attempts": 1, "claim_token": uuid4(), "claimed_at": Now()}
    return row(queue, **claimed, lease_expires_at=Now() + lease)


def finished(status: Status, queue: str = "default") -> Job:
    return row(queue, status=status, attempts=1, finished_at=Now())


def scheduled(queue: str, after: timedelta) -> Job:
    return row(queue, stage=Stage.SCHEDULED, available_at=Now() + after)


def status() -> dict[str, dict[str, Any]]:
    output = StringIO()
    call_command("queue_status", "--json", stdout=output)
    return {depth.pop("queue"): depth for depth in json.loads(output.getvalue())}


def test_an_empty_queue_says_so() -> None:
    output = StringIO()
    call_command("queue_status", stdout=output)
    assert output.getvalue() == "The queue is empty.\n"


def test_a_database_that_is_away_is_said_in_one_line() -> None:
    def refuse(*statement: object) -> None:
        raise OperationalError("no route to host")

    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="does not answer: no route to host"):
        call_command("queue_status")


def test_rows_are_counted_by_queue_and_by_what_they_wait_for() -> None:
    row(available_at=Now() - timedelta(seconds=100))
    row()
    scheduled("default", HOUR)
    row("carrier", stage=Stage.BLOCKED, limit_key="carrier")
    row("carrier", stage=Stage.BLOCKED, limit_key="carrier")
    running("mail", timedelta(seconds=40))
    running("mail", timedelta(seconds=-20))
    finished(Status.FAILED, "mail")
    finished(Status.DONE, "nobody asks for this one")
    found = status()
    oldest = found["default"].pop("oldest_due_seconds")
    lease = found["mail"].pop("shortest_lease_seconds")
    assert (100 <= oldest <= 130, -50 <= lease <= -20) == (True, True)
    assert found == {
        "carrier": EMPTY | {"blocked": 2},
        "default": {name: count for name, count in EMPTY.items() if name != "oldest_due_seconds"}
        | {"due": 2, "scheduled": 1},
        "mail": {name: count for name, count in EMPTY.items() if name != "shortest_lease_seconds"}
        | {"running": 2, "lease_over": 1, "failed": 1},
    }


def test_a_lease_that_goes_on_tells_how_long() -> None:
    running("mail", timedelta(seconds=40))
    running("mail", timedelta(seconds=400))
    assert 10 <= status()["mail"]["shortest_lease_seconds"] <= 40


def test_a_paused_queue_is_shown_even_when_it_is_empty() -> None:
    PausedQueue.objects.create(queue="mail")
    row()
    assert {name: depth["paused"] for name, depth in status().items()} == {"default": False, "mail": True}


def test_what_ended_lately_is_shown_by_the_minute() -> None:
    tallies = Tallies()
    tallies.count("mail", Outcome.DONE, 500)
    tallies.count("mail", Outcome.FAILED, 50)
    tallies.flush("a worker")
    mail = status()["mail"]
    assert 100 <= mail["done_per_minute"] <= 125
    assert 10 <= mail["failed_per_minute"] <= 12.5


def test_the_oldest_due_row_is_found_behind_more_urgent_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "OLDEST_AMONG", 2)
    for _ in range(3):
        row(priority=5)
    row(priority=-5, available_at=Now() - HOUR)
    row(priority=0)
    row("mail", available_at=Now() - HOUR / 2)
    oldest = {name: depth["oldest_due_seconds"] for name, depth in status().items()}
    assert 3600 <= oldest["default"] <= 3630
    assert 1800 <= oldest["mail"] <= 1830


def test_a_row_whose_time_has_come_is_old_although_no_worker_noticed() -> None:
    scheduled("default", -HOUR)
    scheduled("default", HOUR)
    found = status()["default"]
    assert (found["due"], found["scheduled"]) == (0, 2)
    assert 3600 <= found["oldest_due_seconds"] <= 3630


def test_counts_stop_at_a_cap_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "CAP", 3)
    monkeypatch.setattr("queue_table.depth.CAP", 3)
    for _ in range(4):
        row()
        scheduled("mail", HOUR)
    finished(Status.FAILED)
    found = status()
    assert (found["default"]["due"], found["mail"]["scheduled"], found["default"]["failed"]) == (3, 3, 1)
    assert found["default"]["at_least"] == ["due", "scheduled"]  # of those for later, some of this queue may be hidden
    assert (found["default"]["capped"], found["mail"]["at_least"]) == (True, ["scheduled"])
    output = StringIO()
    call_command("queue_status", stdout=output)
    assert ("3+" in output.getvalue().splitlines()[1], "3+" in output.getvalue().splitlines()[2]) == (True, True)


def test_the_text_is_a_table_with_a_head_for_each_column() -> None:
    row("a queue with a long name", available_at=Now() - timedelta(minutes=2, seconds=5))
    running("mail", timedelta(seconds=-61))
    PausedQueue.objects.create(queue="mail")
    output = StringIO()
    call_command("queue_status", stdout=output)
    head, first, second = output.getvalue().splitlines()
    assert head.split()[:4] == ["QUEUE", "DUE", "OLDEST", "DUE"]
    assert first.startswith("a queue with a long name    1     0:02:")
    assert "PAUSED" in second
    assert "-0:01:" in second
    assert len({len(line) for line in (head, first, second)}) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("done", "later", "look"), [(12, 7, queue_depths), (12, 12, counting.oldest_due)])
def test_no_number_is_read_from_finished_rows(done: int, later: int, look: Callable[[], object]) -> None:
    """The plan of each statement, in a table of many finished rows, and some or as many for later."""
    for queue in ("carrier", "default", "mail"):  # in turn: their names tell the planner nothing of where rows lie
        finished(Status.DONE, queue)
        scheduled(queue, HOUR)
    copy(Status.DONE, Stage.AVAILABLE, times_two=done)
    copy(Status.READY, Stage.SCHEDULED, times_two=later)
    for urgent in (0, 3):
        row(priority=urgent)
    running("mail", HOUR)
    finished(Status.FAILED)
    row("carrier", stage=Stage.BLOCKED, limit_key="carrier")
    analyse = {"postgresql": "ANALYZE order_queue", "sqlite": "ANALYZE", "mysql": "ANALYZE TABLE order_queue"}
    with connection.cursor() as cursor:
        cursor.execute(analyse[connection.vendor])
    with CaptureQueriesContext(connection) as queries:
        look()
    quoted = connection.ops.quote_name("order_queue")
    statements = [query["sql"] for query in queries.captured_queries if quoted in query["sql"]]
    assert len(statements) > 5
    assert [plan for plan in map(plan_of, statements) if reads_other_rows(plan)] == []


def copy(status: Status, stage: Stage, times_two: int) -> None:
    """Doubles the rows in this state, so many times, by the database's own hand."""
    columns = "user_info, status, stage, kind, task, queue, payload, priority, available_at, attempts, max_attempts"
    columns += ", claimed_by, errors, finished_at"
    double = f"INSERT INTO order_queue ({columns}) SELECT {columns} FROM order_queue WHERE status = %s AND stage = %s"  # noqa: S608
    with connection.cursor() as cursor:
        for _ in range(times_two):
            cursor.execute(double, [status, stage])


def plan_of(statement: str) -> list[str]:
    """What the database reads for it, and along which index."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{statement}")
        names = [column[0] for column in cursor.description or ()]
        lines = [dict(zip(names, line, strict=True)) for line in cursor.fetchall()]
    if connection.vendor == "mysql":
        return [f"{line['table']} {line['type']} {line['key']}" for line in lines if line["table"] == "order_queue"]
    texts = [str(line.get("detail") or line.get("QUERY PLAN")) for line in lines]
    reads = [text for text in texts if re.search("(Scan|SCAN|SEARCH) .*order_queue", text)]
    return [text for text in reads if "Bitmap Heap Scan" not in text]  # that reads what the index below it has found


def reads_other_rows(reads: list[str]) -> bool:
    """True for a scan of the table, or along the primary key or any index but those of the stages."""
    indexes = {f"order_queue_{name}" for name in ("claim", "scheduled", "limit_key", "lease", "failed")}
    return not reads or not all(indexes & set(re.findall(r"\w+", read)) for read in reads)
