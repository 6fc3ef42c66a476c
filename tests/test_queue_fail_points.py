"""The worker's process ends, or its code fails, at each boundary where that could cost something."""

import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.test import override_settings

from queue_table.lifecycle import Stage, Status
from queue_table.models import Job
from tests.chaos import tasks
from tests.chaos.crew import Strike
from tests.chaos.fail_points import Point, leave, lose_the_database, run_with, stumble
from tests.chaos.ledger import forget, ledger, marks, runs
from tests.chaos.verdict import findings
from tests.queue_rows import again, claim, end_lease, put, run_worker
from tests.sample_tasks import append, kill_own_group
from tests.test_queue_processes import CRON, run, traces

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
ROWS = "queue_table.querysets.JobQuerySet"
DEEDS = [leave, stumble, lose_the_database]
BATCH = [tasks.plain, tasks.plain, tasks.atomic, tasks.plain, tasks.returning, tasks.raising_once, tasks.plain]

IN_A_BATCH = [
    Point("queue_table.claims.Claimer.claim", "before"),
    Point("queue_table.claims.Claimer.claim", "after"),
    Point("queue_table.slots.Slot.announce", "after"),
    Point("queue_table.slots.Slot.hold", "after"),
    Point("queue_table.worker.perform", "before", call=2),
    Point("queue_table.worker.perform", "after", call=2),
    Point("queue_table.worker.perform", "after", call=3),  # the atomic task has committed
    Point("tests.chaos.tasks.mark", "before", call=3),  # in the atomic task's transaction
    Point("tests.chaos.tasks.mark", "after", call=3),
    Point("queue_table.transactions.JobTransaction.complete", "before"),
    Point("queue_table.transactions.JobTransaction.complete", "after"),
    Point(f"{ROWS}.complete", "before"),  # of the one with a result
    Point(f"{ROWS}.complete", "after"),
    Point(f"{ROWS}.retry", "before"),
    Point(f"{ROWS}.retry", "after"),
    Point(f"{ROWS}.complete_all", "before"),
    Point(f"{ROWS}.complete_all", "after"),
    Point("queue_table.slots.Slot.release", "before"),
    Point("queue_table.slots.Slot.release", "after"),
    Point("queue_table.tally.Tallies.flush", "before"),
    Point("queue_table.tally.Tallies.flush", "after"),
]


AFTER_A_CHILD_DIED = [
    Point("queue_table.supervisor.settle_claim", "before", "parent"),
    Point("queue_table.supervisor.settle_claim", "after", "parent"),
    Point(f"{ROWS}.complete_all", "before", "parent"),
    Point(f"{ROWS}.complete_all", "after", "parent"),
    Point(f"{ROWS}.retry", "before", "parent"),
    Point(f"{ROWS}.retry", "after", "parent"),
    Point(f"{ROWS}.give_back", "before", "parent"),
    Point(f"{ROWS}.give_back", "after", "parent"),
    Point("queue_table.supervisor.Supervisor._replace", "before", "parent"),
    Point("queue_table.supervisor.Supervisor._start", "after", "parent", call=2),
]
WHILE_A_CHILD_WORKS = [
    Point(f"{ROWS}.renew", "before", "parent"),
    Point(f"{ROWS}.renew", "after", "parent"),
    Point("queue_table.supervisor.Supervisor._start", "after", "parent"),
]
CHORES = [
    Point(f"{ROWS}.rescue", "before"),
    Point(f"{ROWS}.rescue", "after"),
    Point(f"{ROWS}.rescue", "after", call=2),
    Point("queue_table.chores.promote", "before"),
    Point("queue_table.chores.promote", "after"),
    Point("queue_table.chores.admit", "before"),
    Point("queue_table.chores.admit", "after"),
    Point("queue_table.worker.admit_key", "before"),
    Point("queue_table.worker.admit_key", "after"),
]


@pytest.fixture(autouse=True)
def _table(transactional_db: None) -> Iterator[None]:
    with ledger():
        yield


def fail_at_each(
    points: Sequence[Point], deed: Callable[[], None], folder: Path, prepare: Callable[[str], object]
) -> list[str]:
    """At every point the process ends; at every third one, another third for each deed, it goes on."""
    chosen = points if deed is leave else points[DEEDS.index(deed) :: 3]
    return [word for point in chosen for word in fail_at(point, deed, folder, prepare)]


def fail_at(point: Point, deed: Callable[[], None], folder: Path, prepare: Callable[[str], object]) -> list[str]:
    """Lets the queue fail there, then lets a sound worker do the rest; what does not add up."""
    Job.objects.all().delete()
    forget()
    trace = folder / f"{deed.__name__} {point}"
    prepare(str(trace))
    process = run_with(point, deed, folder / "words", max_seconds=20)
    if not process:
        return [f"nobody came {point}"]
    run_a_sound_worker()
    rows = list(Job.objects.filter(kind="task").order_by("pk"))
    made = runs(trace)
    struck = {run.process: signal.SIGKILL for run in made if not run.ended}  # those of put_a_death too
    struck[process] = signal.SIGKILL if deed is leave else signal.SIGSTOP  # whom an error hit may go on
    words = findings(rows, marks(), made, [Strike(number, process, at=0.0) for process, number in struck.items()])
    return [f"{point}: {word}" for word in words]


def run_a_sound_worker() -> None:
    for job in Job.objects.filter(status=Status.CLAIMED):
        end_lease(job)
    while Job.objects.exclude(status__in=(Status.DONE, Status.FAILED)).exists():
        Job.objects.filter(stage=Stage.SCHEDULED).update(available_at=Now())
        run_worker()


def put_a_batch(trace: str) -> None:
    for task in BATCH:
        put(task, trace)


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_lost_or_done_twice_whatever_happens_to_a_child_within_a_batch(
    deed: Callable[[], None], tmp_path: Path
) -> None:
    assert fail_at_each(IN_A_BATCH, deed, tmp_path, put_a_batch) == []


def put_a_death(trace: str) -> None:
    for task in [*BATCH[:4], tasks.dying_once, *BATCH[4:]]:
        put(task, trace)


def put_naps(trace: str) -> None:
    for _ in range(3):
        put(tasks.plain, trace, 0.2)


def put_work_for_the_chores(trace: str) -> None:
    """Rows that a dead worker holds, rows whose time has come, and rows under a limit."""
    put_a_batch(trace)
    for job in claim(3):
        end_lease(job)
    for task in (tasks.plain, tasks.limited):
        later = put(task, trace)
        Job.objects.filter(pk=later.pk).update(stage=Stage.SCHEDULED, available_at=Now() - timedelta(seconds=1))
    for _ in range(3):
        put(tasks.limited, trace)


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_lost_or_done_twice_whatever_happens_to_the_parent_of_a_dead_child(
    deed: Callable[[], None], tmp_path: Path
) -> None:
    assert fail_at_each(AFTER_A_CHILD_DIED, deed, tmp_path, put_a_death) == []


@override_settings(QUEUE_LEASE_SECONDS=1)
@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_lost_or_done_twice_whatever_happens_to_the_parent_of_a_working_child(
    deed: Callable[[], None], tmp_path: Path
) -> None:
    assert fail_at_each(WHILE_A_CHILD_WORKS, deed, tmp_path, put_naps) == []


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_is_lost_or_done_twice_whatever_happens_during_the_chores(
    deed: Callable[[], None], tmp_path: Path
) -> None:
    assert fail_at_each(CHORES, deed, tmp_path, put_work_for_the_chores) == []


def test_a_job_on_its_last_attempt_does_not_pay_for_the_next_one_that_kills_everybody(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    old = put(append, str(trace), "old")
    Job.objects.filter(pk=old.pk).update(attempts=2)
    killer = put(kill_own_group)
    assert run(CRON, process_environment)[0] == -signal.SIGKILL
    for job in Job.objects.filter(status=Status.CLAIMED):
        end_lease(job)
    run_worker(queues=["nothing"])
    assert (again(old).status, again(old).errors) == (Status.DONE, [])
    assert (again(killer).status, again(killer).attempts) == (Status.READY, 1)
    assert [word for _, word in traces(trace)] == ["old"]
