"""What the operator asks at 3 a.m.: how much waits, why, and can the table be smaller."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from queue_table.models import Job
from queue_table.pruning import prune
from tests import sample_tasks
from tests.queue_rows import again, claim_one, end_lease, put, run_worker

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def printed(command: str, *arguments: object) -> str:
    output = StringIO()
    call_command(command, *map(str, arguments), stdout=output)
    return output.getvalue()


def finish(*jobs: Job, days_ago: int) -> None:
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(finished_at=Now() - timedelta(days=days_ago))


def test_done_rows_go_and_all_others_stay() -> None:
    old, young, failed = put(sample_tasks.add, 1, 1), put(sample_tasks.add, 1, 1), put(sample_tasks.raise_once)
    run_worker()
    waiting = put(sample_tasks.add, 1, 1)
    Job.objects.filter(kind="duty").delete()
    finish(old, failed, days_ago=40)
    finish(young, days_ago=20)
    assert printed("prune_order_queue", "--days", 30) == "pruned=1\n"
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, failed.pk, waiting.pk}


def test_rows_go_in_batches() -> None:
    jobs = [put(sample_tasks.add, 1, 1) for _ in range(5)]
    run_worker()
    finish(*jobs, days_ago=40)
    assert list(prune(timedelta(days=30), batch_size=2)) == [2, 2, 1]


def test_the_status_counts_each_queue() -> None:
    failed = put(sample_tasks.raise_once)
    run_worker()
    Job.objects.exclude(pk=failed.pk).delete()
    old = put(sample_tasks.add, 1, 1)
    Job.objects.filter(pk=old.pk).update(available_at=Now() - timedelta(seconds=100))
    later = put(sample_tasks.add, 1, 1)
    Job.objects.filter(pk=later.pk).update(available_at=Now() + timedelta(hours=1))
    put(sample_tasks.add.using(queue_name="mail", priority=9), 1, 1)
    end_lease(claim_one())
    default, mail = json.loads(printed("queue_status", "--json"))
    assert {name: default[name] for name in ("queue", "due", "scheduled", "running", "failed", "done_recently")} == {
        "queue": "default",
        "due": 1,
        "scheduled": 1,
        "running": 0,
        "failed": 1,
        "done_recently": 0,
    }
    assert 95 <= default["oldest_due_seconds"] <= 130
    assert (mail["queue"], mail["running"], mail["lease_over"]) == ("mail", 1, 1)
    assert "queue=mail due=0" in printed("queue_status")


def test_an_empty_queue_says_so() -> None:
    assert printed("queue_status") == "The queue is empty.\n"


def test_a_row_is_explained_in_each_of_its_states() -> None:
    failed, done = put(sample_tasks.raise_once), put(sample_tasks.add, 1, 1)
    run_worker()
    due, second = put(sample_tasks.add, 1, 1), put(sample_tasks.add, 1, 1)
    assert "RuntimeError" in printed("explain_job", failed.pk)
    assert "Done at" in printed("explain_job", done.pk)
    assert "Rows ahead of it: 1." in printed("explain_job", second.pk)
    Job.objects.filter(pk=second.pk).update(available_at=Now() + timedelta(hours=1))
    assert "Not due before" in printed("explain_job", second.pk)
    assert claim_one("night shift").pk == due.pk
    assert "Claimed by night shift" in printed("explain_job", due.pk)
    end_lease(due)
    assert "lease is over" in printed("explain_job", due.pk)
    Job.objects.filter(pk=second.pk).update(task="no.such.task", available_at=Now())
    assert "no.such.task" in printed("explain_job", again(second).pk)


def test_a_row_that_is_gone_is_said_to_be_gone() -> None:
    with pytest.raises(CommandError, match="no row 404"):
        printed("explain_job", 404)
