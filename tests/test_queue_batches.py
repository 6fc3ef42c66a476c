"""Jobs that belong together, and what follows when the last is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from queue_table import batch_ends
from queue_table.batch_ends import finish_open_batches
from queue_table.batches import batch, batch_state, forget_finished_batches
from queue_table.cancelling import cancel
from queue_table.exceptions import QueueError
from queue_table.lifecycle import Status
from queue_table.models import Job, JobBatch
from queue_table.outbox import call
from queue_table.redriving import redrive
from tests import sample_tasks
from tests.at_once import at_once
from tests.queue_rows import run_worker
from tests.sample_tasks import add, note_batch, note_batch_at_door, raise_once
from tests.work_done import work_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.fixture(autouse=True)
def _with_no_memory() -> None:
    batch_ends._memory = batch_ends.Memory()


def followers() -> list[dict[str, Any]]:
    """What the follower was given, once for each row that there is of it."""
    return [payload["kwargs"] for payload in Job.objects.filter(kind="batch").values_list("payload", flat=True)]


def end(*keys: int, status: Status = Status.DONE) -> None:
    Job.objects.filter(pk__in=keys).update(status=status, attempts=1, finished_at=Now())


def test_the_follower_is_enqueued_when_the_last_job_is_over_and_not_before() -> None:
    with batch(on_done=note_batch) as filled:
        jobs = [filled.enqueue(add, 1, 1), filled.enqueue(raise_once), filled.enqueue(add, b=1, a=1)]
    assert [finish_open_batches(), followers()] == [0, []]
    end(*jobs[:2])
    assert [finish_open_batches(), followers()] == [0, []]
    end(jobs[2], status=Status.FAILED)
    assert [finish_open_batches(), followers()] == [1, [{"batch_id": filled.id}]]
    assert [finish_open_batches(), followers()] == [0, [{"batch_id": filled.id}]]


def test_one_run_performs_the_jobs_and_the_follower() -> None:
    with batch(on_done=note_batch) as filled:
        filled.enqueue_many(add, (call(number, 1) for number in range(30)))
        filled.enqueue(raise_once)
    run_worker()
    follower = Job.objects.get(kind="batch")
    assert (follower.status, follower.result) == (Status.DONE, filled.id)


def test_a_cancelled_job_is_over_too() -> None:
    with batch(on_done=note_batch) as filled:
        filled.enqueue(add, 1, 1)
    cancel(Job.objects.filter(batch_id=filled.id), "a test")
    assert finish_open_batches() == 1
    state = batch_state(filled.id)
    assert state is not None
    assert (state.total, state.failed) == (1, 1)


def test_the_state_counts_what_is_done_failed_and_unfinished() -> None:
    with batch() as filled:
        jobs = [filled.enqueue(add, 1, 1) for _ in range(6)]
    end(*jobs[:3])
    end(jobs[3], status=Status.FAILED)
    assert batch_state(filled.id) == (6, 3, 1, 2, None)
    end(*jobs)
    finish_open_batches()
    state = batch_state(filled.id)
    assert state is not None
    assert state.finished_at is not None
    assert batch_state(0) is None


def test_an_empty_batch_is_over_at_once() -> None:
    with batch(on_done=note_batch) as filled:
        pass
    assert followers() == [{"batch_id": filled.id}]
    assert finish_open_batches() == 0


def test_a_batch_that_is_rolled_back_leaves_nothing() -> None:
    def fail_half_way() -> None:
        with batch(on_done=note_batch) as filled:
            filled.enqueue(add, 1, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert (Job.objects.count(), JobBatch.objects.count()) == (0, 0)


def test_nothing_joins_a_batch_after_its_block() -> None:
    with batch() as filled:
        filled.enqueue(add, 1, 1)
    for late in (lambda: filled.enqueue(add, 1, 1), lambda: filled.enqueue_many(add, [call(1, 1)])):
        with pytest.raises(QueueError, match="closed"):
            late()
    assert Job.objects.count() == 1


def test_a_batch_whose_jobs_are_not_committed_yet_is_not_over() -> None:
    with transaction.atomic():
        with batch(on_done=note_batch) as filled:
            end(filled.enqueue(add, 1, 1))
        assert at_once(finish_open_batches) == [0]
    assert at_once(finish_open_batches) == [1]


def test_eight_hands_at_once_end_a_batch_once() -> None:
    for _ in range(5):
        with batch(on_done=note_batch) as filled:
            end(filled.enqueue(add, 1, 1))
    ended = at_once(*[lambda: sum(finish_open_batches() for _ in range(3))] * 8)
    assert sum(ended) == 5
    assert len(followers()) == 5


def test_a_failed_job_that_is_made_ready_again_before_the_end_is_waited_for() -> None:
    with batch(on_done=note_batch) as filled:
        first, second = filled.enqueue(add, 1, 1), filled.enqueue(add, 1, 1)
    end(first)
    finish_open_batches()
    end(first, status=Status.FAILED)
    Job.objects.filter(pk=first).run_again()
    end(second)
    assert finish_open_batches() == 0
    end(first)
    assert finish_open_batches() == 1


def test_a_batch_whose_follower_is_unknown_here_is_left_to_another_worker() -> None:
    with batch(on_done=note_batch) as filled:
        end(filled.enqueue(add, 1, 1))
    JobBatch.objects.filter(pk=filled.id).update(on_done="no.such.task")
    assert (finish_open_batches(), followers()) == (0, [])
    JobBatch.objects.filter(pk=filled.id).update(on_done=note_batch.module_path)
    assert (finish_open_batches(), len(followers())) == (1, 1)


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_follower_that_cannot_be_enqueued_is_refused_where_the_batch_begins(
    jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_tasks, "closed_doors", ["all"])
    for follower, refusal in ((note_batch_at_door, LookupError), (add, TypeError)):
        with pytest.raises(refusal), batch(on_done=follower) as filled:
            filled.enqueue_many(add, [call(1, 1)] * jobs)
    assert (Job.objects.count(), JobBatch.objects.count()) == (0, 0)


def test_a_follower_that_cannot_be_enqueued_at_the_end_is_a_failed_job_and_the_batch_is_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with batch(on_done=note_batch_at_door) as odd:
        end(odd.enqueue(add, 1, 1))
    with batch(on_done=note_batch) as good:
        end(good.enqueue(add, 1, 1))
    monkeypatch.setattr(sample_tasks, "closed_doors", ["all"])
    assert [finish_open_batches(), finish_open_batches()] == [2, 0]
    failed, follower = Job.objects.filter(kind="batch").order_by("pk")
    assert (failed.status, failed.batch_id, follower.status) == (Status.FAILED, None, Status.READY)
    assert "no such door" in failed.errors[0]["traceback"]
    assert [record.levelname for record in caplog.records if f"job {failed.pk}" in record.message] == ["ERROR"]
    monkeypatch.undo()
    assert sum(redrive([failed.pk], "a test")) == 1
    run_worker()
    assert [Job.objects.get(pk=job.pk).result for job in (failed, follower)] == [odd.id, good.id]


def test_a_follower_that_is_unknown_here_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with batch(on_done=note_batch) as filled:
        end(filled.enqueue(add, 1, 1))
    JobBatch.objects.update(on_done="no.such.task")
    for _ in range(3):
        finish_open_batches()
    assert [record.message for record in caplog.records if "no.such.task" in record.message] == [
        f"batch {filled.id} is over, and waits: nobody here knows the task no.such.task"
    ]


def test_the_hands_of_one_process_do_not_share_what_they_remember() -> None:
    for _ in range(30):
        with batch() as filled:
            filled.enqueue(add, 1, 1)
    assert at_once(*[lambda: [finish_open_batches(7) for _ in range(40)]] * 6) == [[0] * 40] * 6
    finish_open_batches()
    assert at_once(lambda: len(batch_ends._memory.unfinished)) == [0]


def test_each_of_many_batches_has_its_turn() -> None:
    for _ in range(7):
        with batch() as filled:
            job = filled.enqueue(add, 1, 1)
    end(job)
    assert sum(finish_open_batches(3) for _ in range(3)) == 1


def test_looking_costs_one_question_when_no_batch_is_open() -> None:
    with batch():
        pass
    with CaptureQueriesContext(connection) as queries:
        assert (finish_open_batches(), len(queries)) == (0, 1)


@pytest.mark.parametrize("straggler", [0, 5_000, 9_999])
def test_a_large_batch_is_not_read_again_and_again(straggler: int) -> None:
    with batch(on_done=note_batch) as filled:
        filled.enqueue_many(add, (call(1, 1) for _ in range(10_000)))
    jobs = list(Job.objects.order_by("pk").values_list("pk", flat=True))
    end(*jobs[:straggler], *jobs[straggler + 1 :])
    finish_open_batches()
    first, again = work_done(finish_open_batches), work_done(finish_open_batches)
    assert max(first, again) < 100
    end(jobs[straggler])
    assert finish_open_batches() == 1


def test_batches_that_ended_long_ago_are_forgotten() -> None:
    for _ in range(3):
        with batch() as filled:
            pass
    JobBatch.objects.exclude(pk=filled.id).update(finished_at=Now() - timedelta(days=31))
    assert forget_finished_batches(timedelta(days=30)) == 2
    assert JobBatch.objects.get().pk == filled.id
