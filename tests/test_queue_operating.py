"""Why has this job not run? explain_job says what stands first in its way."""

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, PausedQueue, QueueLimit
from queue_table.outcomes import Outcome
from queue_table.tally import Tallies
from tests.queue_rows import claim_one, end_lease, put
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
HOUR = timedelta(hours=1)
NOBODY = "No worker has been seen in this queue for 10 minutes: does cron run process_order_queue for it?"


def explained(job: Any, **columns: Any) -> str:
    """What the command says of the row, once its columns hold this."""
    if columns:
        Job.objects.filter(pk=job.pk).update(**columns)
    output = StringIO()
    call_command("explain_job", str(job.pk), stdout=output)
    return output.getvalue()


def error(exception: str, traceback: str) -> list[dict[str, Any]]:
    return [{"attempt": 1, "at": "2026-01-01T00:00:00+00:00", "exception": exception, "traceback": traceback}]


def was_seen(queue: str) -> None:
    tallies = Tallies()
    tallies.count(queue, Outcome.DONE)
    tallies.flush("a worker")


def failed(**columns: Any) -> str:
    return explained(put(add, 1, 1), status=Status.FAILED, finished_at=Now(), **columns)


def test_a_due_row_waits_for_the_rows_before_it_in_its_queue() -> None:
    was_seen("default")
    put(add, 1, 1)
    put(add.using(priority=5), 1, 1)
    put(add.using(priority=5, queue_name="mail"), 1, 1)
    waiting = put(add, 1, 1)
    put(add, 1, 1)
    said = explained(waiting)
    assert "Rows ahead of it in its queue default: 2." in said
    assert NOBODY not in said


def test_a_queue_in_which_no_worker_was_seen_is_named_as_such() -> None:
    was_seen("mail")
    assert NOBODY in explained(put(add, 1, 1))
    claim_one()
    assert NOBODY not in explained(put(add, 1, 1))


def test_a_row_for_later_is_not_due() -> None:
    job = put(add, 1, 1)
    assert "Not due before" in explained(job, stage=Stage.SCHEDULED, available_at=Now() + HOUR)
    said = explained(job, attempts=2, errors=error("builtins.RuntimeError", "Traceback\nRuntimeError: on strike\n"))
    assert "2 attempts failed before: RuntimeError: on strike." in said
    assert "Run now" in said


def test_a_row_whose_time_has_come_waits_for_a_worker_to_notice() -> None:
    said = explained(put(add, 1, 1), stage=Stage.SCHEDULED, available_at=Now() - HOUR)
    assert said.startswith("Due since")
    assert NOBODY in said


def test_a_paused_queue_is_the_first_reason() -> None:
    PausedQueue.objects.create(queue="default", paused_by="Ada")
    said = explained(put(add, 1, 1), task="no.such.task")
    assert "queue default is paused since" in said
    assert "by Ada" in said
    assert "resume_queue default" in said
    assert "no.such.task" not in said


def test_a_task_that_nobody_knows_is_named() -> None:
    job = put(add, 1, 1)
    said = explained(job, task="no.such.task")
    assert "no no.such.task here" in said
    assert f"Deploy the code that has it, or give the job up: cancel_jobs --id {job.pk}" in said


def test_a_blocked_row_names_its_limit_and_how_many_hold_it() -> None:
    held = {"limit_key": "carrier:dhl"}
    running = {"status": Status.CLAIMED, "attempts": 1, "claim_token": uuid4()}
    for columns in (running, running, {}):
        Job.objects.filter(pk=put(add, 1, 1).pk).update(**held, **columns)
    put(add, 1, 1, limit_key="carrier:ups")
    job = put(add, 1, 1, stage=Stage.BLOCKED, **held)
    said = explained(job)
    assert "Blocked by its limit key carrier:dhl: 2 running and 1 admitted jobs hold it." in said
    assert "It follows when one of them is over." in said
    QueueLimit.objects.create(key="carrier:dhl", next_at=Now() + HOUR)
    assert "Its rate admits the next at" in explained(job)


def test_a_row_in_hand_names_its_worker_and_its_lease() -> None:
    put(add, 1, 1)
    job = claim_one("night shift")
    assert "Claimed by night shift at" in explained(job)
    assert "Its lease is till" in explained(job)
    assert "its end was asked for" in explained(job, cancel_requested_at=Now())
    end_lease(job)
    assert "The lease is over: the next worker takes it back" in explained(job)


def test_a_failed_row_says_how_it_failed() -> None:
    trace = error("builtins.RuntimeError", "Traceback (most recent call last):\nRuntimeError: on strike\n")
    assert "Out of attempts at" in (said := failed(attempts=3, errors=trace))
    assert "all 3 failed. The last error: RuntimeError: on strike." in said
    assert "at attempt 1 of 3" in failed(attempts=1, errors=error("queue_table.exceptions.Discard", "Discard: void"))
    said = failed(cancel_requested_at=Now(), errors=error("queue_table.exceptions.Cancelled", "cancelled by Ada"))
    assert "Cancelled at" in said
    assert "cancelled by Ada" in said
    assert "none was kept" in failed(attempts=3)


@pytest.mark.parametrize(
    ("how", "what_to_do"),
    [
        ({"attempts": 3}, "When the cause is mended: retry_failed_jobs --id {}"),
        ({"attempts": 1}, "When the cause is mended: retry_failed_jobs --id {}"),
        ({"cancel_requested_at": Now()}, "If it is wanted after all: retry_failed_jobs --id {}"),
    ],
)
def test_a_failed_row_says_how_it_runs_again(how: dict[str, Any], what_to_do: str) -> None:
    job = put(add, 1, 1)
    said = explained(job, status=Status.FAILED, finished_at=Now(), **how)
    assert said.strip().endswith(what_to_do.format(job.pk) + ", or Run again in the admin.")


def test_a_done_row_says_when() -> None:
    assert "Done at 20" in explained(put(add, 1, 1), status=Status.DONE, attempts=1, finished_at=Now())


def test_moments_are_said_in_the_shops_time(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    assert "+05:30" in explained(put(add, 1, 1))


def test_a_row_that_is_gone_is_said_to_be_gone() -> None:
    with pytest.raises(CommandError, match="no row 404"):
        call_command("explain_job", "404")
