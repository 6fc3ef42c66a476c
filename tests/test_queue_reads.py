"""What staff and machines look at is quick in a table of any size: by what the database reads, not by a clock."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from queue_table import clock
from queue_table.depth import queue_depths
from queue_table.known_names import known_kinds, known_queues
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, Tally
from queue_table.overview import overview
from queue_table.tally import throughput
from tests.queue_rows import put
from tests.sample_tasks import add
from tests.work_done import work_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
TOKEN = "a token of no shop at all"
LIST = "admin:queue_table_job_changelist"
HOUR = timedelta(hours=1)
FEW, MORE = 8, 5  # 256 rows for each queue, and 32 times as many


def row(queue: str, **columns: Any) -> int:
    job = put(add.using(queue_name=queue), 1, 1, user_info="customer:1", kind="order.confirmed")
    Job.objects.filter(pk=job.pk).update(**columns)
    return job.pk


def double(times: int, **columns: int) -> None:
    """Doubles the rows in this state, so many times, by the database's own hand."""
    names = "user_info, status, stage, kind, task, queue, payload, priority, available_at, attempts, max_attempts"
    names += ", claimed_by, errors, finished_at"
    state = " AND ".join(f"{name} = {value}" for name, value in columns.items())
    with connection.cursor() as cursor:
        for _ in range(times):
            cursor.execute(f"INSERT INTO order_queue ({names}) SELECT {names} FROM order_queue WHERE {state}")  # noqa: S608


def analyse() -> None:
    with connection.cursor() as cursor:
        tables = "order_queue, order_queue_tally"
        cursor.execute(
            {"postgresql": f"VACUUM ANALYZE {tables}", "sqlite": "ANALYZE", "mysql": f"ANALYZE TABLE {tables}"}[
                connection.vendor
            ]
        )


@pytest.fixture
def jobs() -> dict[str, int]:
    """A row in every state, the newest of them; below lie the done rows of a while."""
    for queue in ("carrier", "default", "mail"):
        row(queue, status=Status.DONE, attempts=1, finished_at=Now())
    double(FEW, status=Status.DONE)
    claimed = {"attempts": 1, "claim_token": uuid4(), "claimed_at": Now(), "lease_expires_at": Now() + HOUR}
    return {
        "due": row("default"),
        "scheduled": row("mail", stage=Stage.SCHEDULED, available_at=Now() + HOUR),
        "blocked": row("carrier", stage=Stage.BLOCKED, limit_key="carrier"),
        "running": row("mail", status=Status.CLAIMED, **claimed),
        "failed": row("default", status=Status.FAILED, attempts=3, finished_at=Now(), dedupe_key="key", order_id=7),
    }


@pytest.fixture
def staff(client: Client, settings: Any) -> Client:
    settings.METRICS_TOKEN = TOKEN
    client.force_login(User.objects.create_superuser("sam", password="not-used-here"))
    return client


def doors(staff: Client, jobs: dict[str, int]) -> dict[str, Callable[[], object]]:
    """Everything that a person or a machine may look at."""
    jobs_list, redrive = reverse(LIST), reverse("admin:queue_table_job_redrive")
    queries = ["", "queue=mail", "kind=order.confirmed", f"before={jobs['due']}", "before=60"]
    queries += map("state={}".format, [*jobs, "done"])
    queries += ["state=failed&queue=default", "state=running&queue=mail", "q=key", "q=7", "q=customer:1"]
    pages = [reverse("admin:index"), reverse("admin:queue_table_job_overview"), redrive, f"{redrive}?queue=default"]
    pages += [f"{jobs_list}?{query}" for query in queries] + ["/readyz", "/metrics"]
    looks = {page: page_door(staff, page) for page in pages}
    for state, key in jobs.items():
        looks[f"page of {state}"] = page_door(staff, reverse("admin:queue_table_job_change", args=[key]))
        looks[f"explain {state}"] = command_door("explain_job", str(key))
    looks["question"] = question_door(staff, jobs_list, jobs["failed"])
    return looks | {"queue_status": command_door("queue_status"), "overview": overview}


def page_door(staff: Client, page: str) -> Callable[[], object]:
    def look() -> None:
        answer = staff.get(page, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, page

    return look


def question_door(staff: Client, jobs_list: str, key: int) -> Callable[[], object]:
    return lambda: staff.post(jobs_list, {"action": "run_again", "_selected_action": [key]})


def command_door(*words: str) -> Callable[[], object]:
    return lambda: call_command(*words, stdout=StringIO())


def test_no_look_reads_more_because_more_was_done(staff: Client, jobs: dict[str, int]) -> None:
    analyse()
    looks = doors(staff, jobs)
    [look() for look in looks.values()]  # what is read once and remembered, such as content types
    few = {name: work_done(look) for name, look in looks.items()}
    double(MORE, status=Status.DONE)
    Job.objects.filter(pk__in=jobs.values()).update(updated_at=Now())
    analyse()
    many = {name: work_done(look) for name, look in looks.items()}
    rows = Job.objects.aggregate(last=Max("pk"))["last"]
    assert {name: (few[name], many[name]) for name in looks if many[name] > 2 * few[name] + rows // 40} == {}


def test_the_counts_of_a_day_are_summed_without_reading_those_of_all_days() -> None:
    minute = clock.now().replace(second=0, microsecond=0)
    minutes = (minute - timedelta(minutes=back) for back in reversed(range(9 * 1440)))
    Tally.objects.bulk_create([Tally(minute=each, queue="mail", worker="a worker", done=1) for each in minutes])
    analyse()
    assert work_done(lambda: throughput(1470)) * 3 < work_done(lambda: throughput(9 * 1440))


@pytest.mark.skipif(connection.vendor != "mysql", reason="elsewhere failed rows have an index of their own")
def test_failed_rows_are_counted_and_the_newest_found_in_the_index_alone() -> None:
    row("mail", status=Status.FAILED, attempts=3, finished_at=Now())
    double(11, status=Status.FAILED)
    analyse()
    with CaptureQueriesContext(connection) as queries:
        queue_depths()
        known_kinds()
        known_queues()
    failed = [query["sql"] for query in queries if "`status` = 3" in query["sql"]]
    assert len(failed) == 3
    with connection.cursor() as cursor:
        for statement in failed:
            cursor.execute(f"EXPLAIN {statement}")
            assert "Using index" in cursor.fetchall()[-1][-1].replace("Using index condition", ""), statement
