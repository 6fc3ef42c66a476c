"""What machines ask: /readyz and /metrics, also when the database is away."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import Client

from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, PausedQueue
from tests.queue_rows import put
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
TOKEN = "a token of no shop at all"
ODD = 'back\\slash "quoted" and\nbroken'
LATE = timedelta(seconds=601)
SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (-?[0-9.e+]+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


@pytest.fixture
def token(settings: Any) -> str:
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


@pytest.fixture
def no_database() -> Iterator[None]:
    """Each statement fails, in words that name what no stranger should read."""

    def refuse(*statement: object) -> None:
        raise OperationalError("connection to secret-host failed for user hunter2")

    with connection.execute_wrapper(refuse):
        yield


def scraped(client: Client, **headers: str) -> dict[str, dict[tuple[str, ...], float]]:
    """The page as a strict reader of the format understands it: values by name and labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", **headers})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    text = answer.content.decode()
    assert text.endswith("\n")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    announced = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            announced = line.split()[2]
            assert announced not in found, "samples of one name stand together"
            found[announced] = {}
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {announced} gauge"
        else:
            name, labels, value = read_sample(line)
            assert name == announced
            assert labels not in found[name]
            found[name][labels] = value
    return found


def read_sample(line: str) -> tuple[str, tuple[str, ...], float]:
    matched = SAMPLE.fullmatch(line)
    assert matched, line
    plain = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
    values = (re.sub(r"\\.", lambda escaped: plain[escaped[0]], text) for _, text in LABEL.findall(matched[2]))
    return matched[1], tuple(values), float(matched[3])


@pytest.mark.usefixtures("token")
def test_the_numbers_of_the_status_can_be_scraped(client: Client) -> None:
    for _ in range(2):
        put(add, 1, 1)
    late = put(add.using(queue_name="mail"), 1, 1)
    Job.objects.filter(pk=late.pk).update(available_at=Now() - timedelta(hours=1))
    PausedQueue.objects.create(queue="mail")
    found = scraped(client)
    assert found["order_queue_jobs"]["default", "due"] == 2
    assert found["order_queue_jobs"]["default", "failed"] == 0
    assert found["order_queue_jobs_capped"]["default", "due"] == 0
    assert 3600 <= found["order_queue_oldest_due_seconds"]["mail",] <= 3630
    assert found["order_queue_paused"] == {("default",): 0, ("mail",): 1}
    assert found["order_queue_done_per_minute"] == {("default",): 0, ("mail",): 0}
    assert found["order_queue_shortest_lease_seconds"] == {}


@pytest.mark.usefixtures("token")
def test_a_queue_with_an_odd_name_breaks_no_line(client: Client) -> None:
    put(add, 1, 1)
    Job.objects.update(queue=ODD)  # by hand, or by another program: our doors refuse such a name
    assert scraped(client)["order_queue_jobs"][ODD, "due"] == 1


def test_without_a_token_in_the_settings_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("sent", [None, "", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}!", "Bearer \xe9"])
def test_who_does_not_bear_the_token_gets_no_numbers(sent: str | None, client: Client) -> None:
    put(add, 1, 1)
    answer = client.get("/metrics", headers={} if sent is None else {"Authorization": sent})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"order_queue" not in answer.content
    assert TOKEN.encode() not in answer.content


def ready(client: Client) -> tuple[int, str]:
    answer = client.get("/readyz")
    assert answer["Content-Type"].startswith("text/plain")
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, answer.content.decode()


def test_a_shop_that_works_is_ready_and_says_so_in_a_line(client: Client) -> None:
    put(add, 1, 1)
    assert ready(client) == (200, "Ready. Failed jobs: 0.\n")


STRANGERS: list[dict[str, Any]] = [
    {"REMOTE_ADDR": "203.0.113.7"},
    {"REMOTE_ADDR": ""},
    {"headers": {"X-Forwarded-For": "203.0.113.7"}},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"Authorization": "Bearer "}, "REMOTE_ADDR": "203.0.113.7"},
]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_hear_whether_the_shop_is_ready_and_not_why(stranger: dict[str, Any], client: Client) -> None:
    job = put(add.using(queue_name="mail"), 1, 1)
    answer = client.get("/readyz", **stranger)
    assert (answer.status_code, answer.content) == (200, b"Ready.\n")
    Job.objects.filter(pk=job.pk).update(available_at=Now() - LATE)
    answer = client.get("/readyz", **stranger)
    assert (answer.status_code, answer.content) == (503, b"Not ready.\n")


@pytest.mark.usefixtures("token")
def test_the_bearer_of_the_token_hears_the_reasons_from_anywhere(client: Client) -> None:
    far = {"REMOTE_ADDR": "203.0.113.7", "headers": {"Authorization": f"Bearer {TOKEN}"}}
    assert client.get("/readyz", **far).content == b"Ready. Failed jobs: 0.\n"


def test_failed_jobs_are_counted_and_leave_the_shop_ready(client: Client) -> None:
    Job.objects.filter(pk=put(add, 1, 1).pk).update(status=Status.FAILED, finished_at=Now() - LATE)
    assert ready(client) == (200, "Ready. Failed jobs: 1.\n")


@pytest.mark.parametrize("stage", [Stage.AVAILABLE, Stage.SCHEDULED])
def test_a_job_that_is_due_for_too_long_makes_the_shop_unready(stage: Stage, client: Client, settings: Any) -> None:
    job = put(add.using(queue_name="mail"), 1, 1, stage=stage)
    Job.objects.filter(pk=job.pk).update(available_at=Now() - LATE)
    code, text = ready(client)
    assert code == 503
    assert re.fullmatch(r"The oldest due job of the queue mail has waited for 6\d\d seconds: do workers run\?\n", text)
    settings.QUEUE_LATE_SECONDS = 1000
    assert ready(client)[0] == 200


def test_a_job_for_later_or_in_a_paused_queue_may_wait(client: Client) -> None:
    job = put(add, 1, 1, stage=Stage.SCHEDULED)
    Job.objects.filter(pk=job.pk).update(available_at=Now() + LATE)
    paused = put(add.using(queue_name="mail"), 1, 1)
    Job.objects.filter(pk=paused.pk).update(available_at=Now() - LATE)
    PausedQueue.objects.create(queue="mail")
    assert ready(client)[0] == 200


def test_a_migration_that_is_not_applied_is_named(client: Client) -> None:
    MigrationRecorder.Migration.objects.get(app="queue_table", name="0001_initial").delete()
    assert ready(client) == (503, "These migrations of queue_table are not applied: 0001_initial.\n")


@pytest.mark.usefixtures("no_database")
def test_without_its_database_the_shop_says_so_and_no_more(client: Client) -> None:
    assert ready(client) == (503, "The database does not answer as it should (OperationalError).\n")


@pytest.mark.usefixtures("no_database", "token")
def test_without_the_database_there_are_no_numbers_and_no_traceback(client: Client) -> None:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.content) == (
        503,
        b"The database does not answer as it should (OperationalError).\n",
    )


def test_both_pages_are_read_only(client: Client) -> None:
    assert client.post("/readyz").status_code == 405
    assert client.post("/metrics").status_code == 405
