"""Jobs that nobody wants any more end: at once what waits, when its worker can what runs."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models.functions import Now

from queue_table import cancelling
from queue_table.cancelling import Ended, cancel
from queue_table.exceptions import Cancelled
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from queue_table.outbox import job_for
from queue_table.results import task_result
from tests.at_once import at_once
from tests.queue_rows import again, claim, claim_one, pass_backoff, put, run_worker
from tests.sample_tasks import add, raise_error

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def everything() -> Ended:
    return cancel(Job.objects.all(), "sam", "the carrier is gone")


def at_stage(stage: Stage) -> Job:
    job = put(add, 1, 1)
    Job.objects.filter(pk=job.pk).update(stage=stage, limit_key="carrier")
    return job


def printed(*arguments: object) -> str:
    output = StringIO()
    call_command("cancel_jobs", *map(str, arguments), stdout=output)
    return output.getvalue().strip()


def test_a_reason_that_no_column_could_hold_is_made_fit() -> None:
    job = put(add, 1, 1)
    assert cancel(Job.objects.all(), "sam", "nul \0, half \ud800") == Ended(cancelled=1, asked=0)
    assert again(job).errors[0]["traceback"] == "cancelled by sam: nul , half \\ud800"


@pytest.mark.parametrize("stage", Stage)
def test_a_waiting_job_fails_at_once_whatever_it_waits_for(stage: Stage) -> None:
    job = at_stage(stage)
    assert everything() == Ended(cancelled=1, asked=0)
    over = again(job)
    assert (over.status, over.stage, over.attempts) == (Status.FAILED, Stage.AVAILABLE, 0)
    assert over.finished_at is not None
    assert run_worker().claimed == sum(1 for _ in Job.objects.filter(kind="duty"))


def test_the_reason_and_the_hand_are_kept_beside_earlier_errors() -> None:
    failed_once = put(raise_error)
    run_worker()
    fresh = put(add, 1, 1)
    assert again(failed_once).status == Status.READY
    everything()
    first, last = again(failed_once).errors
    assert "on strike" in first["traceback"]
    assert (last["exception"], last["traceback"]) == (
        "queue_table.exceptions.Cancelled",
        "cancelled by sam: the carrier is gone",
    )
    assert len(again(fresh).errors) == 1
    assert task_result(again(fresh), add).errors[-1].exception_class is Cancelled


def test_a_running_job_is_asked_and_stays_in_its_workers_hand() -> None:
    job = put(add, 1, 1)
    claimed = claim_one()
    assert everything() == Ended(cancelled=0, asked=1)
    running = again(job)
    assert (running.status, running.claim_token) == (Status.CLAIMED, claimed.claim_token)
    assert running.cancel_requested_at is not None
    assert everything() == Ended(0, 0)


def test_a_running_job_that_was_asked_is_not_tried_again() -> None:
    job = put(add, 1, 1)
    claim_one()
    everything()
    Job.objects.filter(pk=job.pk).update(lease_expires_at=Now() - timedelta(seconds=1))
    run_worker()
    assert again(job).status == Status.FAILED


def test_what_is_over_stays_as_it_is() -> None:
    job = put(add, 1, 1)
    run_worker()
    Job.objects.exclude(pk=job.pk).delete()
    assert everything() == Ended(0, 0)
    assert (again(job).status, again(job).cancel_requested_at) == (Status.DONE, None)


def test_only_the_chosen_jobs_are_cancelled() -> None:
    chosen, other = put(add.using(queue_name="mail"), 1, 1), put(add, 1, 1)
    cancel(Job.objects.filter(queue="mail"), "sam")
    assert (again(chosen).status, again(other).status) == (Status.FAILED, Status.READY)


def test_many_are_cancelled_in_short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "BATCH_SIZE", 3)
    Job.objects.bulk_create([job_for(add, args=[1, 1]) for _ in range(8)])
    claim(2)
    assert everything() == Ended(cancelled=6, asked=2)


def test_a_job_is_claimed_or_cancelled_and_never_lost_between_the_two() -> None:
    for _ in range(10):
        job = put(add, 1, 1)
        taken, ended = at_once(claim, everything)
        assert ended in {Ended(1, 0), Ended(0, 1)}
        assert len(taken) == ended.asked
        Job.objects.filter(pk=job.pk).delete()


def test_a_row_that_another_hand_holds_for_a_moment_is_cancelled_when_it_is_free() -> None:
    """On SQLite the second hand waits at the door instead."""
    job, held = put(add, 1, 1), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(priority=5)
            held.set()
            threading.Event().wait(0.3)

    def cancel_later() -> Ended:
        held.wait(5)
        return everything()

    _, ended = at_once(hold, cancel_later)
    assert (ended, again(job).priority) == (Ended(1, 0), 5)


@pytest.mark.parametrize(
    "option",
    [
        lambda job: ("--id", job.pk),
        lambda job: ("--kind", "order.confirmed"),
        lambda job: ("--task", "tests.sample_tasks.raise_error"),
        lambda job: ("--queue", "mail"),
        lambda job: ("--older-than", "30m"),
    ],
)
def test_the_command_chooses_by_each_option(option: Callable[[Job], tuple[object, ...]]) -> None:
    job, other = put(raise_error.using(queue_name="mail"), kind="order.confirmed"), put(add, 1, 1)
    Job.objects.filter(pk=job.pk).update(created_at=Now() - timedelta(hours=1))
    assert printed(*option(job), "--dry-run") == "would_cancel=1"
    assert again(job).status == Status.READY
    assert printed(*option(job), "--reason", "tests") == "cancelled=1 asked=0"
    assert (again(job).status, again(other).status) == (Status.FAILED, Status.READY)
    assert again(job).errors[-1]["traceback"].endswith(": tests")


def test_options_narrow_each_other() -> None:
    put(add.using(queue_name="mail"), 1, 1)
    assert printed("--queue", "mail", "--kind", "order.confirmed") == "cancelled=0 asked=0"


@pytest.mark.parametrize(
    ("arguments", "answer"), [((), "Say which jobs"), (("--dry-run",), "Say which"), (("--older-than", "soon"), "age")]
)
def test_the_command_wants_to_be_told_which_jobs(arguments: tuple[str, ...], answer: str) -> None:
    job = put(add, 1, 1)
    with pytest.raises(CommandError, match=answer):
        printed(*arguments)
    assert again(job).status == Status.READY


def test_it_is_logged_how_many_by_whom_and_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "queue_table.cancelling")
    put(add, 1, 1)
    everything()
    assert caplog.messages == ["cancelled by sam: the carrier is gone; waiting jobs: 1, running jobs: 0"]


def test_a_cancelled_job_that_is_run_again_is_wanted_again() -> None:
    job = put(add, 1, 1)
    everything()
    Job.objects.filter(pk=job.pk).run_again()
    pass_backoff(job)
    run_worker()
    assert (again(job).status, again(job).cancel_requested_at) == (Status.DONE, None)
