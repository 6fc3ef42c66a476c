"""How an attempt ends: done, again, later, never, or not ours to judge."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone, translation

from queue_table.backoff import retry_delay
from queue_table.exceptions import OutsideTransaction
from queue_table.lifecycle import Status
from queue_table.messages import OrderConfirmed
from queue_table.models import Job
from queue_table.outbox import publish
from queue_table.outcomes import Outcome
from queue_table.performing import perform
from queue_table.tasks_api import InvalidTaskError, task
from queue_table.worker import Worker
from shop.catalogue.models import Category
from tests import sample_tasks
from tests.queue_rows import again, claim, claim_one, end_lease, pass_backoff, put, rescue, run_worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def not_to_be_called(key: int) -> None:
    raise AssertionError("an atomic task settles its own row")


def test_a_task_is_performed_and_its_result_kept() -> None:
    job = put(sample_tasks.add, 2, 3)
    report = run_worker()
    assert report.outcomes[Outcome.DONE] >= 1
    done = again(job)
    assert (done.status, done.result, done.claim_token, done.attempts) == (Status.DONE, 5, None, 1)
    assert done.created_at <= done.claimed_at <= done.finished_at  # type: ignore[operator]


def test_an_error_is_tried_three_times_and_then_failed_with_every_error_kept() -> None:
    job = put(sample_tasks.raise_error)
    for attempt in (1, 2):
        run_worker()
        waiting = again(job)
        assert (waiting.status, waiting.attempts) == (Status.READY, attempt)
        assert waiting.available_at > timezone.now()
        pass_backoff(job)
    run_worker()
    failed = again(job)
    assert (failed.status, failed.attempts) == (Status.FAILED, 3)
    assert [error["attempt"] for error in failed.errors] == [1, 2, 3]
    assert "the carrier is on strike" in failed.errors[0]["traceback"]


@override_settings(ADMINS=[("developers", "dev@example.org")])
def test_a_failed_job_is_logged_and_mailed_to_the_developers(caplog: pytest.LogCaptureFixture) -> None:
    job = put(sample_tasks.raise_once)
    with caplog.at_level(logging.ERROR):
        run_worker()
    assert again(job).status == Status.FAILED
    assert f"job {job.pk}" in caplog.text
    assert [message.to for message in mail.outbox] == [["dev@example.org"]]
    assert f"job {job.pk}" in mail.outbox[0].subject


@pytest.mark.parametrize("task", [sample_tasks.exit_politely, sample_tasks.return_no_json])
def test_a_task_that_exits_or_returns_nonsense_costs_an_attempt_and_not_the_worker(task: object) -> None:
    job, other = put(task), put(sample_tasks.add, 1, 1)
    run_worker()
    assert (again(job).status, again(job).attempts) == (Status.READY, 1)
    assert again(other).status == Status.DONE


@pytest.mark.parametrize("odd", sample_tasks.ODD_RESULTS)
def test_a_result_that_no_row_could_keep_fails_its_attempt_alike_on_every_database(odd: str) -> None:
    job, other = put(sample_tasks.return_odd, odd), put(sample_tasks.add, 1, 1)
    run_worker()
    kept = again(job)
    assert (kept.status, kept.attempts, kept.result) == (Status.READY, 1, None)
    assert "the result of tests.sample_tasks.return_odd can't be kept as JSON" in kept.errors[0]["traceback"]
    assert again(other).result == 2


def test_the_backoff_doubles_and_jitters() -> None:
    for attempt, seconds in ((1, 10), (2, 20), (3, 40), (20, 3600)):
        delays = {retry_delay(attempt).total_seconds() for _ in range(50)}
        assert len(delays) > 1
        assert all(seconds * 0.8 <= delay <= seconds * 1.2 for delay in delays)


def test_a_task_says_itself_when_to_retry() -> None:
    job = put(sample_tasks.ask_for_retry, 500)
    run_worker()
    assert again(job).attempts == 1
    assert again(job).available_at > timezone.now() + timedelta(seconds=400)


def test_a_task_can_ask_to_be_tried_again_without_any_pause() -> None:
    job = put(sample_tasks.ask_for_retry, 0)
    run_worker()
    assert (again(job).status, again(job).attempts) == (Status.FAILED, 3), "all in one run"


def test_a_snoozed_attempt_does_not_count() -> None:
    until = timezone.now() + timedelta(hours=2)
    job = put(sample_tasks.snooze_until, until.isoformat())
    run_worker()
    snoozed = again(job)
    assert (snoozed.status, snoozed.attempts, snoozed.available_at) == (Status.READY, 0, until)


@pytest.mark.parametrize("moment", ["2100-01-01T00:00:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_a_moment_that_is_none_costs_the_attempt_and_not_the_worker(moment: str) -> None:
    job, other = put(sample_tasks.snooze_until, moment), put(sample_tasks.add, 1, 1)
    run_worker()
    assert (again(job).status, again(job).attempts, len(again(job).errors)) == (Status.READY, 1, 1)
    assert again(other).status == Status.DONE


def test_a_discarded_job_fails_at_once_with_the_reason() -> None:
    job = put(sample_tasks.discard)
    run_worker()
    assert (again(job).status, again(job).attempts) == (Status.FAILED, 1)
    assert "the order is void" in again(job).errors[0]["traceback"]


@pytest.mark.parametrize("path", ["no.such.module.task", "tests.sample_tasks.gone", "tests.sample_tasks.NOT_A_TASK"])
def test_a_row_whose_task_is_unknown_here_is_left_alone(path: str) -> None:
    job, other = put(sample_tasks.add, 1, 1), put(sample_tasks.add, 1, 1)
    Job.objects.filter(pk=job.pk).update(task=path)
    report = run_worker()
    assert report.outcomes[Outcome.UNKNOWN] == 1
    waiting = again(job)
    assert (waiting.status, waiting.attempts, waiting.errors) == (Status.READY, 0, [])
    assert again(other).status == Status.DONE


def test_an_atomic_task_leaves_everything_or_nothing() -> None:
    good, bad = put(sample_tasks.write_category, "good"), put(sample_tasks.write_category, "bad", True)
    for _ in (good, bad):
        perform(claim_one(), not_to_be_called)
    assert set(Category.objects.values_list("slug", flat=True)) == {"good"}
    assert Job.objects.filter(kind="order.confirmed").count() == len(settings.QUEUE_ROUTES["order.confirmed"])
    assert (again(good).status, again(bad).status) == (Status.DONE, Status.READY)


def test_an_inner_block_of_an_atomic_task_is_rolled_back_alone_and_what_waits_for_the_commit_comes_after_it() -> None:
    job = put(sample_tasks.create_two_categories, "first", "second")
    run_worker()
    assert again(job).status == Status.DONE
    assert set(Category.objects.values_list("slug", flat=True)) == {"first", "after"}


def test_an_atomic_task_whose_commit_is_refused_has_failed_and_the_next_one_commits() -> None:
    broken, good = put(sample_tasks.break_a_promise), put(sample_tasks.create_two_categories, "first", "second")
    run_worker()
    assert (again(broken).status, again(broken).attempts, again(good).status) == (Status.READY, 1, Status.DONE)
    assert "IntegrityError" in again(broken).errors[0]["exception"]
    assert Category.objects.filter(slug="first").exists()
    assert not LogEntry.objects.exists()


def test_a_rollback_takes_nothing_from_the_next_jobs_of_the_connection() -> None:
    """psycopg forgets what it prepared after a rollback, even one to a savepoint, and makes the server forget all."""
    jobs = [put(sample_tasks.enqueue_and_roll_back, number % 2 == 1) for number in range(6)]
    plain = [put(sample_tasks.raise_once), put(sample_tasks.add, 1, 1)]
    run_worker()
    assert [again(job).status for job in jobs + plain] == [1, 0, 1, 0, 1, 0, 3, 1]
    assert {error["exception"] for job in jobs for error in again(job).errors} == {"builtins.RuntimeError"}


def test_a_server_that_forgot_its_prepared_statements_is_told_them_again() -> None:
    tasks = [
        (sample_tasks.write_category, "a"),
        (sample_tasks.make_the_server_forget,),
        (sample_tasks.write_category, "b"),
    ]
    jobs = [put(*task) for task in tasks] + [put(sample_tasks.make_the_server_forget)]
    run_worker()
    assert [error["exception"] for job in jobs for error in again(job).errors] == []
    assert [(again(job).status, again(job).attempts) for job in jobs] == [(Status.DONE, 1)] * 4


def test_an_atomic_task_that_lost_its_claim_leaves_nothing() -> None:
    put(sample_tasks.write_category, "late")
    zombie = claim_one()
    end_lease(zombie)
    rescue(zombie)
    assert perform(zombie, not_to_be_called) is Outcome.LOST
    assert not Category.objects.exists()
    assert not Job.objects.filter(kind="order.confirmed").exists()


def test_a_message_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        publish(OrderConfirmed(order_id=1, order_number="A", customer="guest"))
    assert not Job.objects.exists()


def test_rows_of_a_dead_worker_run_again_and_only_the_one_it_died_with_is_counted() -> None:
    worn, other = put(sample_tasks.add, 1, 1), put(sample_tasks.add, 1, 1)
    Job.objects.filter(pk=worn.pk).update(attempts=2)
    claim(2, "dead")
    Job.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    report = run_worker()
    assert report.rescued == 2
    assert (again(worn).status, again(worn).attempts) == (Status.FAILED, 3)
    assert "dead did not settle" in again(worn).errors[-1]["traceback"]
    assert (again(other).status, again(other).attempts) == (Status.DONE, 1)


def test_a_worker_that_lost_its_batch_runs_none_of_it(tmp_path: Path, settings: Any) -> None:
    settings.QUEUE_LEASE_SECONDS, settings.QUEUE_DUTIES = 1, {}
    trace = tmp_path / "trace"
    put(sample_tasks.lose_all_claims)
    taken = put(sample_tasks.append, str(trace), "must not run")
    report = run_worker()
    assert report.outcomes[Outcome.LOST] == 2, report
    assert not trace.exists()
    assert again(taken).status == Status.READY


def test_nonsense_in_a_row_costs_that_row_an_attempt_and_not_the_worker() -> None:
    odd, good = put(sample_tasks.add, 1, 1), put(sample_tasks.add, 1, 1)
    Job.objects.filter(pk=odd.pk).update(payload={})
    run_worker()
    assert (again(odd).status, again(odd).attempts) == (Status.READY, 1)
    assert again(good).status == Status.DONE


@pytest.mark.parametrize(
    "odd", [sample_tasks.raise_odd_text, sample_tasks.retry_after_a_number, sample_tasks.cancel_self]
)
def test_an_odd_error_is_kept_as_any_other(odd: object) -> None:
    job = put(odd)
    run_worker()
    assert (again(job).status, again(job).attempts, len(again(job).errors)) == (Status.READY, 1, 1)


@pytest.mark.parametrize("attempts", [0, -1, 100_000])
def test_a_task_without_a_single_attempt_is_refused_when_it_is_written(attempts: int) -> None:
    with pytest.raises(InvalidTaskError, match="max_attempts"):
        task(max_attempts=attempts)(sample_tasks.add.func)


def test_personal_data_in_a_databases_error_is_not_kept() -> None:
    job = put(sample_tasks.raise_with_row)
    run_worker()
    kept = str(again(job).errors)
    assert "violates" in kept
    assert "Lovelace" not in kept.split("raise RuntimeError")[-1].split("RuntimeError:")[-1]


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_begun() -> None:
    jobs = [put(sample_tasks.add, 1, 1) for _ in range(4)]
    worker = Worker(on_outcome=lambda outcome: worker.stop())
    report = worker.run()
    assert (report.claimed > 1, report.outcomes[Outcome.DONE]) == (True, 1)
    assert [error["exception"] for job in jobs for error in again(job).errors] == []
    assert [(again(job).status, again(job).attempts) for job in jobs] == [(1, 1), (0, 0), (0, 0), (0, 0)]


def test_a_task_that_leaves_a_transaction_open_fails_and_the_next_one_commits() -> None:
    bad, good = put(sample_tasks.leave_a_transaction_open), put(sample_tasks.add, 1, 1)
    run_worker()
    assert (again(bad).status, again(good).status) == (Status.READY, Status.DONE)
    assert "left a transaction open" in again(bad).errors[-1]["traceback"]


@pytest.mark.parametrize("how", ["return", "raise", "unseen"])
def test_a_transaction_that_a_task_began_by_itself_and_left_open_takes_nothing_with_it(how: str) -> None:
    before, bad, after = (
        put(sample_tasks.append, "/dev/null", "before"),
        put(sample_tasks.leave_a_begun_transaction_open, "half", how),
        put(sample_tasks.add, 1, 1),
    )
    run_worker()
    connection.close()  # whatever is not committed is gone
    assert [again(job).status for job in (before, bad, after)] == [Status.DONE, Status.READY, Status.DONE]
    assert ("after the write" if how == "raise" else "left a transaction open") in again(bad).errors[-1]["traceback"]
    assert not Category.objects.exists()


@pytest.mark.parametrize("tell", [sample_tasks.tell_its_ways, sample_tasks.tell_its_ways_later])
def test_what_a_task_sets_for_its_thread_ends_with_it(tell: Any) -> None:
    usual = [translation.get_language(), timezone.get_current_timezone_name(), ""]
    left, told = put(sample_tasks.leave_its_ways, "left"), put(tell)
    run_worker()
    assert (again(left).status, again(told).result) == (Status.DONE, usual)


def test_a_chore_that_fails_does_not_keep_the_worker_from_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    def promote() -> None:
        raise TypeError("an odd row")

    monkeypatch.setattr("queue_table.chores.promote", promote)
    job = put(sample_tasks.add, 1, 1)
    run_worker()
    assert again(job).status == Status.DONE
