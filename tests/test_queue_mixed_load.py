"""Everything that the queue can do, all at once; and very many rows that come due or free at one moment."""

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from queue_table import chores, limits
from queue_table.batches import batch
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, JobBatch
from queue_table.outbox import call, enqueue_many
from tests.sample_tasks import add, add_later, fail_once, knock, note_batch, pass_door, pass_wide_door
from tests.test_queue_processes import WORKER, end, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
PATIENCE = 90


def lay_out() -> None:
    soon = timezone.now() + timedelta(seconds=2)
    enqueue_many(add, (call(1, number) for number in range(100)))
    enqueue_many(add.using(priority=50, queue_name="mail"), (call(1, number) for number in range(50)))
    enqueue_many(add_later.using(run_after=soon), (call(1, number) for number in range(50)))
    enqueue_many(pass_door, (call(number) for number in range(30)))
    enqueue_many(pass_door.using(queue_name="mail", priority=-5), (call(number) for number in range(10)))
    for door in range(1, 6):
        enqueue_many(pass_wide_door.using(priority=door), (call(door) for _ in range(15)))
    enqueue_many(pass_wide_door.using(run_after=soon), (call(6) for _ in range(15)))
    enqueue_many(knock, (call() for _ in range(30)))
    enqueue_many(fail_once, (call() for _ in range(10)))
    for _ in range(3):
        with batch(on_done=note_batch) as filled:
            filled.enqueue_many(pass_wide_door, (call(7) for _ in range(10)))
            filled.enqueue_many(add, (call(1, 1) for _ in range(10)))


def test_a_mixed_load_drains(process_environment: dict[str, str]) -> None:
    lay_out()
    give_up_at = time.monotonic() + PATIENCE
    command = [*WORKER, "--processes", "2", "--max-seconds", str(PATIENCE)]
    while Job.objects.filter(status=Status.READY).exists() and time.monotonic() < give_up_at:
        code, _ = end(start(command, process_environment))
        assert code == 0
    over = Job.objects.exclude(kind="duty")
    assert set(over.values_list("status", flat=True)) == {Status.DONE}
    held = over.filter(task=pass_door.module_path).order_by("claimed_at").values_list("claimed_at", "finished_at")
    assert all(before[1] <= after[0] for before, after in pairwise(held)), "one at a time"
    assert (over.filter(kind="batch").count(), JobBatch.objects.filter(finished_at=None).count()) == (3, 0)


def test_what_comes_due_or_free_in_great_number_is_not_kept_until_the_next_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chores, "STAGING_SECONDS", 3600)
    enqueue_many(add.using(run_after=timezone.now() - timedelta(seconds=1)), (call(1, 1) for _ in range(2_500)))
    enqueue_many(pass_wide_door, (call(number) for number in range(1, 501)))
    monkeypatch.setattr(limits._round, "last", "door 3")
    hand, give_up_at = chores.Chores(), time.monotonic() + PATIENCE
    while Job.objects.exclude(stage=Stage.AVAILABLE).exists() and time.monotonic() < give_up_at:
        hand.do_what_is_due()
    assert not Job.objects.exclude(stage=Stage.AVAILABLE).exists()
