"""Failed jobs run again by staff's hand, chosen by what is known of them; scheduled ones run now."""

import logging
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from queue_table import redriving
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from queue_table.redriving import failed_keys, redrive, run_now
from tests.queue_rows import again, put, run_worker
from tests.sample_tasks import add, discard, raise_error, raise_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def failed(*tasks: object) -> list[Job]:
    """One failed row for each task, and no other row."""
    jobs = [put(task) for task in tasks]
    run_worker()
    Job.objects.exclude(pk__in=[job.pk for job in jobs]).delete()
    assert [again(job).status for job in jobs] == [Status.FAILED] * len(jobs)
    return jobs


def printed(*arguments: object) -> str:
    output = StringIO()
    call_command("retry_failed_jobs", *map(str, arguments), stdout=output)
    return output.getvalue().strip()


def test_attempts_are_given_back_and_errors_are_kept() -> None:
    [job] = failed(raise_once)
    assert list(redrive([job.pk], "sam")) == [1]
    ready = again(job)
    assert (ready.status, ready.stage, ready.attempts, ready.finished_at) == (Status.READY, Stage.AVAILABLE, 0, None)
    assert "only one try" in ready.errors[0]["traceback"]
    run_worker()
    assert [error["attempt"] for error in again(job).errors] == [1, 1]


def test_a_row_under_a_limit_waits_for_its_place_again() -> None:
    [job] = failed(raise_once)
    Job.objects.filter(pk=job.pk).update(limit_key="carrier")
    list(redrive([job.pk], "sam"))
    assert (again(job).status, again(job).stage) == (Status.READY, Stage.BLOCKED)


def test_only_failed_rows_are_touched() -> None:
    done, [job] = put(add, 1, 1), failed(raise_once)
    waiting = put(add, 1, 1)
    assert list(redrive([job.pk, waiting.pk, done.pk], "sam")) == [1]
    assert list(redrive([job.pk], "sam")) == [0]
    assert again(waiting).status == Status.READY


def test_many_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = failed(*[raise_once] * 5)
    monkeypatch.setattr(redriving, "BATCH_SIZE", 2)
    assert list(redrive(failed_keys(), "sam")) == [2, 2, 1]
    assert {again(job).status for job in jobs} == {Status.READY}


def test_a_bound_takes_the_oldest_first() -> None:
    jobs = failed(raise_once, discard, raise_once)
    assert failed_keys(most=2) == [job.pk for job in jobs[:2]]
    assert failed_keys(exception="RuntimeError") == [jobs[0].pk, jobs[2].pk]
    assert failed_keys(exception="RuntimeError", most=1) == [jobs[0].pk]


def test_the_last_error_decides_to_the_letter() -> None:
    job, _ = failed(raise_once, discard)
    errors = again(job).errors
    Job.objects.filter(pk=job.pk).update(
        errors=[{**errors[0], "exception": "carrier.Strike", "traceback": "北"}, *errors]
    )
    assert failed_keys(exception="builtins.RuntimeError") == [job.pk]
    assert failed_keys(exception="only one try") == [job.pk]
    assert failed_keys(exception="runtimeerror") == []
    assert failed_keys(exception="carrier.Strike") == []
    Job.objects.filter(pk=job.pk).update(errors=[{**errors[0], "traceback": "承运人罢工"}])
    assert failed_keys(exception="承运人") == [job.pk]


@pytest.mark.parametrize(
    "option",
    [
        lambda job: ("--id", job.pk),
        lambda job: ("--kind", "order.confirmed"),
        lambda job: ("--task", "tests.sample_tasks.raise_once"),
        lambda job: ("--queue", "mail"),
        lambda job: ("--exception", "only one try"),
        lambda job: ("--failed-before", "2h"),
        lambda job: ("--failed-before", "2026-01-02"),
        lambda job: ("--failed-since", "2026-01-01T00:00", "--failed-before", "2026-01-01T12:00:01+00:00"),
    ],
)
def test_the_command_chooses_by_each_option(option: Callable[[Job], tuple[object, ...]]) -> None:
    job, other = failed(raise_once, discard)
    known = {"queue": "mail", "kind": "order.confirmed", "finished_at": "2026-01-01T12:00:00Z"}
    Job.objects.filter(pk=job.pk).update(**known)
    assert printed(*option(job), "--dry-run") == "would_run_again=1"
    assert again(job).status == Status.FAILED
    assert printed(*option(job)) == "run_again=1"
    assert (again(job).status, again(other).status) == (Status.READY, Status.FAILED)


def test_the_command_takes_what_failed_lately() -> None:
    old, young = failed(raise_once, raise_once)
    Job.objects.filter(pk=old.pk).update(finished_at=Now() - timedelta(hours=3))
    assert printed("--failed-since", "2h") == "run_again=1"
    assert (again(old).status, again(young).status) == (Status.FAILED, Status.READY)


def test_the_command_takes_all_when_told_so() -> None:
    failed(raise_once, discard)
    assert printed("--all") == "run_again=2"


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ((), "Say which"),
        (("--all", "--queue", "mail"), "Say which"),
        (("--failed-since", "yesterday"), "no date"),
        (("--failed-since", "2026-02-30"), "no date"),
    ],
)
def test_the_command_refuses_what_it_does_not_understand(arguments: tuple[str, ...], answer: str) -> None:
    [job] = failed(raise_once)
    with pytest.raises(CommandError, match=answer):
        printed(*arguments)
    assert again(job).status == Status.FAILED


def test_it_is_logged_how_many_and_by_whom(caplog: pytest.LogCaptureFixture) -> None:
    [job] = failed(raise_once)
    caplog.set_level(logging.INFO, "queue_table.redriving")
    list(redrive([job.pk], "sam"))
    assert caplog.messages[-1] == "failed jobs made ready again by sam: 1"


def test_a_job_that_waits_for_its_next_attempt_runs_now() -> None:
    job = put(raise_error)
    run_worker()
    assert (again(job).stage, again(job).attempts) == (Stage.SCHEDULED, 1)
    assert run_now([job.pk], "sam") == 1
    run_worker()
    assert again(job).attempts == 2


def test_run_now_leads_a_row_under_a_limit_to_the_line_and_leaves_others_alone() -> None:
    limited, due = put(add, 1, 1), put(add, 1, 1)
    Job.objects.filter(pk=limited.pk).update(
        stage=Stage.SCHEDULED, limit_key="carrier", available_at=Now() + timedelta(hours=1)
    )
    assert run_now([limited.pk, due.pk], "sam") == 1
    assert (again(limited).stage, again(due).stage) == (Stage.BLOCKED, Stage.AVAILABLE)
