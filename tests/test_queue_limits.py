"""How many jobs of one key are under way at once, and how many are begun in a second."""

import threading
import time
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from queue_table import limit_lanes, limits
from queue_table.cancelling import cancel
from queue_table.checks import check_limits
from queue_table.claims import Claim
from queue_table.lifecycle import Stage, Status
from queue_table.limits import admit, admit_key, forget_unused_keys
from queue_table.models import Job, QueueLimit
from queue_table.outbox import call, enqueue_many
from queue_table.pausing import pause, resume
from queue_table.rescue import rescue_expired
from queue_table.staging import promote
from queue_table.testing import travel
from tests.at_once import at_once
from tests.queue_rows import again, claim, end_lease, put, run_worker
from tests.sample_tasks import add, knock, pass_door, pass_wide_door, stop_in_door, throttled
from tests.work_done import work_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
DOOR = "the only door"


@pytest.fixture(autouse=True)
def _from_the_first_key() -> None:
    limits._round.last = ""
    forget_searches()


def forget_searches() -> None:
    """Who searched a key in vain a moment ago does so again."""
    for searches in (limit_lanes.in_search, limit_lanes.in_doubt):
        searches.until.clear()


def stages() -> list[Stage]:
    return [Stage(stage) for stage in Job.objects.order_by("pk").values_list("stage", flat=True)]


def finish(claims: Iterable[Claim]) -> None:
    for one in claims:
        Job.objects.complete(one)


def let_pass(seconds: float) -> None:
    """Lets the rates' clocks go on."""
    QueueLimit.objects.update(next_at=F("next_at") - timedelta(seconds=seconds))


# How many at once


def test_no_more_rows_of_a_key_are_available_than_its_limit() -> None:
    for number in (1, 1, 1, 1, 1, 2):
        put(pass_wide_door, number)
    assert admit() == 4
    assert admit() == 0
    assert stages() == [Stage.AVAILABLE] * 3 + [Stage.BLOCKED] * 2 + [Stage.AVAILABLE]


def test_a_claimed_row_holds_its_place_until_it_is_settled() -> None:
    first, second = put(pass_door), put(pass_door)
    admit()
    held = claim()
    assert ([one.pk for one in held], admit()) == ([first.pk], 0)
    finish(held)
    assert admit_key(DOOR) == 1
    assert again(second).stage == Stage.AVAILABLE


def test_the_most_urgent_and_oldest_row_of_a_key_goes_first() -> None:
    rows = [put(pass_door), put(pass_door.using(priority=5)), put(pass_door.using(priority=5))]
    admit()
    assert [again(row).stage for row in rows] == [Stage.BLOCKED, Stage.AVAILABLE, Stage.BLOCKED]
    wide = [put(pass_wide_door.using(priority=priority), 1) for priority in (0, 1, 0, 2, 1)]
    assert admit() == 3
    assert [again(row).stage for row in wide] == [2, 0, 2, 0, 0]


def test_a_job_without_a_key_is_not_limited() -> None:
    assert (put(pass_wide_door, 0).limit_key, put(pass_wide_door, 7).limit_key) == (None, "door 7")
    assert stages() == [Stage.AVAILABLE, Stage.BLOCKED]


def test_one_run_performs_all_jobs_of_a_key() -> None:
    jobs = [put(pass_door, number) for number in range(7)]
    run_worker()
    assert {again(job).status for job in jobs} == {Status.DONE}


def test_eight_hands_at_once_never_hold_more_than_the_limit() -> None:
    enqueue_many(pass_wide_door, (call(1) for _ in range(60)))
    lock, held, most, done = threading.Lock(), 0, 0, 0

    def work() -> None:
        nonlocal held, most, done
        give_up_at = time.monotonic() + 40
        while done < 60 and time.monotonic() < give_up_at:
            admit()
            claims = claim(5)
            with lock:
                held += len(claims)
                most = max(most, held)
            time.sleep(0.002)
            with lock:
                held -= len(claims)
                done += len(claims)
            finish(claims)
            admit_key("door 1")

    assert at_once(*[work] * 8) == [None] * 8
    assert (done, most) == (60, 3)


@pytest.mark.parametrize(("attempts", "fate"), [(3, Status.READY), (1, Status.FAILED)])
def test_a_crash_of_the_holder_frees_its_place(attempts: int, fate: Status) -> None:
    dead, other = put(pass_door), put(pass_door)
    Job.objects.filter(pk=dead.pk).update(max_attempts=attempts)
    admit()
    [held] = claim()
    end_lease(held)
    assert rescue_expired() == 1
    Job.objects.filter(pk=dead.pk).update(priority=-1)
    assert admit_key(DOOR) == 1
    assert (again(dead).status, again(other).stage) == (fate, Stage.AVAILABLE)
    assert admit_key(DOOR) == 0


@pytest.mark.parametrize("how", ["snooze", "retry"])
def test_a_row_that_waits_for_its_time_holds_no_place_meanwhile(how: str) -> None:
    waiting, other = put(stop_in_door, how), put(pass_door)
    run_worker()
    assert (again(waiting).stage, again(other).status) == (Stage.SCHEDULED, Status.DONE)


def test_a_limited_row_for_later_waits_for_its_time_and_then_for_its_place() -> None:
    first = put(pass_door)
    later = put(pass_door.using(run_after=timezone.now() + timedelta(hours=1)))
    assert (first.stage, later.stage) == (Stage.BLOCKED, Stage.SCHEDULED)
    assert admit() == 1
    travel(timedelta(hours=2))
    assert promote() == 1
    assert (again(later).stage, admit()) == (Stage.BLOCKED, 0)
    finish(claim())
    assert admit() == 1


def test_what_is_admitted_by_somebody_else_just_now_is_left_to_him() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("has one writer at a time: who admits waits for the other")
    put(pass_door)
    admit()
    finish(claim())
    put(pass_door), put(pass_wide_door, 1)
    locked, looked = threading.Event(), threading.Event()

    def hold_the_door() -> None:
        with transaction.atomic():
            QueueLimit.objects.select_for_update().get(pk=DOOR)
            locked.set()
            looked.wait(10)

    def look() -> int:
        locked.wait(10)
        admitted = admit()
        looked.set()
        return admitted

    assert at_once(hold_the_door, look) == [None, 1]
    assert admit() == 1


# Whose numbers


@override_settings(QUEUE_LIMITS={"shopify": {"concurrency": 2}})
def test_a_queue_has_a_limit_of_its_own_for_jobs_without_a_key() -> None:
    rows = [put(add.using(queue_name="shopify"), 1, 1) for _ in range(3)]
    door = put(pass_door.using(queue_name="shopify"))
    assert ({row.limit_key for row in rows}, door.limit_key) == ({"queue:shopify"}, DOOR)
    assert admit() == 3


def test_the_numbers_are_those_of_the_moment_of_admission() -> None:
    with override_settings(QUEUE_LIMITS={"shopify": {"concurrency": 1}}):
        for _ in range(5):
            put(add.using(queue_name="shopify"), 1, 1)
        assert admit() == 1
    with override_settings(QUEUE_LIMITS={"shopify": {"rate": "2/s", "concurrency": 3}}):
        assert admit() == 1
        let_pass(60)
        assert admit() == 0, "two wait for a worker, and the burst is two"
    assert admit() == 3, "no limit any more"


def test_a_key_whose_first_task_is_unknown_here_is_left_alone() -> None:
    strange, other = put(pass_door), put(pass_wide_door, 1)
    Job.objects.filter(pk=strange.pk).update(task="no.such.task")
    assert admit() == 1
    assert (again(strange).stage, again(other).stage) == (Stage.BLOCKED, Stage.AVAILABLE)


# Rows that nobody takes


def grow_old() -> None:
    """What is admitted has waited for a worker for longer than usual."""
    forget_searches()
    Job.objects.filter(stage=Stage.AVAILABLE).update(updated_at=Now() - timedelta(seconds=6))


def end_avoiding() -> None:
    for gate in QueueLimit.objects.exclude(avoided=None):
        gate.avoided = [[queue, task, until - 60] for queue, task, until in gate.avoided]
        gate.save()


def put_elsewhere(number: int = 0) -> Job:
    return put(pass_door.using(queue_name="elsewhere"), number)


def test_a_row_of_a_paused_queue_gets_no_place_before_others() -> None:
    held, other = put_elsewhere(), put(pass_door)
    pause("elsewhere", "staff")
    assert admit() == 1
    assert (again(held).stage, again(other).stage) == (Stage.BLOCKED, Stage.AVAILABLE)
    finish(claim())
    assert admit() == 0
    resume("elsewhere", "staff")
    assert wait_for_one(held)


def test_rows_of_a_paused_queue_among_others_get_none_of_many_places() -> None:
    enqueue_many(pass_wide_door, (call(1) for _ in range(2)))
    held = [put(pass_wide_door.using(queue_name="elsewhere", priority=1), 1) for _ in range(2)]
    pause("elsewhere", "staff")
    assert admit() == 2
    assert {again(row).stage for row in held} == {Stage.BLOCKED}


def test_an_admitted_row_whose_queue_is_paused_loses_its_place_to_one_that_waits() -> None:
    held = put_elsewhere()
    admit()
    other = put(pass_door)
    pause("elsewhere", "staff")
    assert admit() == 0
    grow_old()
    assert admit() == 1
    assert (again(held).stage, again(other).stage) == (Stage.BLOCKED, Stage.AVAILABLE)


def test_an_unknown_task_lets_the_others_of_its_key_pass() -> None:
    strange, other = put(pass_door), put(pass_door)
    Job.objects.filter(pk=strange.pk).update(task="no.such.task")
    assert admit() == 1
    assert (again(strange).stage, again(other).stage) == (Stage.BLOCKED, Stage.AVAILABLE)


def test_an_admitted_row_that_no_worker_knows_loses_its_place_to_one_that_waits() -> None:
    strange, other = put(pass_door), put(pass_door)
    admit()
    Job.objects.filter(pk=strange.pk).update(task="no.such.task")
    assert admit() == 0
    grow_old()
    assert admit() == 1
    assert (again(strange).stage, again(other).stage) == (Stage.BLOCKED, Stage.AVAILABLE)


def test_many_rows_of_a_queue_that_nobody_serves_hold_the_others_of_their_key_up_once() -> None:
    for number in range(20):
        put_elsewhere(number)
    others = [put(pass_door) for _ in range(20)]
    admit()
    grow_old()
    for other in others:
        assert admit() == 1
        [taken] = claim()
        assert taken.pk == other.pk
        finish([taken])


def test_a_lane_that_was_put_back_has_its_turn_when_no_other_waits_and_after_a_while() -> None:
    held, other, third = put_elsewhere(), put(pass_door), put(pass_door)
    admit()
    grow_old()
    admit()
    finish(claim())
    end_avoiding()
    assert admit() == 1
    assert again(held).stage == Stage.AVAILABLE, "after a while it comes first again"
    grow_old()
    admit()
    finish(claim())
    assert (again(other).status, again(third).status, admit()) == (Status.DONE, Status.DONE, 1)
    assert again(held).stage == Stage.AVAILABLE, "no other waits"
    assert len(claim(queue="elsewhere")) == 1


def test_lanes_that_nobody_takes_do_not_change_places_again_and_again() -> None:
    put_elsewhere(), put(pass_door)
    admit()
    grow_old()
    moved = []
    for _ in range(5):
        moved.append(admit())
        grow_old()
    assert moved == [1, 0, 0, 0, 0]


def test_a_row_keeps_its_place_before_others_of_the_same_queue_and_task() -> None:
    first, second = put(pass_door), put(pass_door)
    admit()
    grow_old()
    assert admit() == 0
    assert (again(first).stage, again(second).stage) == (Stage.AVAILABLE, Stage.BLOCKED)


def wait_for_one(row: Job) -> bool:
    give_up_at = time.monotonic() + 20
    while again(row).stage != Stage.AVAILABLE and time.monotonic() < give_up_at:
        admit()
    return again(row).stage == Stage.AVAILABLE


def test_a_row_that_is_put_back_while_it_is_claimed_is_one_or_the_other() -> None:
    enqueue_many(pass_wide_door.using(queue_name="elsewhere"), (call(1) for _ in range(40)))
    enqueue_many(pass_wide_door, (call(1) for _ in range(40)))
    ended = threading.Event()
    most: list[int] = []

    def count() -> None:
        give_up_at = time.monotonic() + 40
        while not ended.is_set() and time.monotonic() < give_up_at:
            most.append(Job.objects.filter(limit_key="door 1", status__in=(0, 2), stage=Stage.AVAILABLE).count())

    def work(queue: str) -> None:
        give_up_at = time.monotonic() + 30
        while Job.objects.filter(status=Status.READY).exists() and time.monotonic() < give_up_at:
            admit()
            Job.objects.filter(stage=Stage.AVAILABLE, status=Status.READY).update(updated_at=Now() - timedelta(hours=1))
            end_avoiding()
            finish(claim(2, queue=queue))
        ended.set()

    hands = [lambda: work("default"), lambda: work("elsewhere")] * 2
    assert at_once(count, *hands) == [None] * 5
    assert max(most) <= 3
    assert Job.objects.filter(status=Status.DONE).count() == 80


# What it costs


def test_looking_costs_one_question_when_nothing_is_blocked() -> None:
    put(add, 1, 1)
    with CaptureQueriesContext(connection) as queries:
        assert (admit(), len(queries)) == (0, 1)


def test_a_hot_key_neither_delays_the_others_nor_makes_them_dearer() -> None:
    enqueue_many(pass_door, (call() for _ in range(20)))
    admit()

    def work_for_one() -> int:
        put(pass_wide_door, 1)
        work = work_done(admit)
        assert Job.objects.get(limit_key="door 1").stage == Stage.AVAILABLE
        finish(claim_keyed("door 1"))
        return work

    work_for_one()
    few = work_for_one()
    enqueue_many(pass_door, (call() for _ in range(10_000)))
    enqueue_many(add, (call(1, 1) for _ in range(10_000)))
    Job.objects.filter(task=add.module_path).update(status=Status.DONE, attempts=1, finished_at=Now())
    assert work_for_one() < 2 * few + 50


def test_failed_rows_of_a_key_make_its_admission_no_dearer_and_come_back_under_it() -> None:
    put(pass_door)
    admit()
    held = claim()
    put(pass_door)
    admit()
    few = work_done(admit)
    enqueue_many(pass_door.using(priority=-5), (call() for _ in range(3_000)))
    cancel(Job.objects.filter(priority=-5), "staff")
    if connection.vendor == "postgresql":  # what the cancelled rows left in the index goes by itself, but later
        connection.cursor().execute("VACUUM order_queue")
    assert work_done(admit) < 2 * few + 50
    some = list(Job.objects.filter(status=Status.FAILED)[:2])
    assert Job.objects.filter(pk__in=[row.pk for row in some]).run_again() == 2
    assert [(again(row).stage, again(row).limit_key) for row in some] == [(Stage.BLOCKED, DOOR)] * 2
    finish(held)
    assert admit() == 1


def test_a_job_that_fails_or_whose_worker_died_keeps_its_key_for_when_it_runs_again() -> None:
    failing, dead = put(stop_in_door, "for good"), put(pass_wide_door, 1)
    Job.objects.update(max_attempts=1)
    admit()
    for one in claim():
        if one.pk == failing.pk:
            Job.objects.fail(again(one))
        else:
            end_lease(one)
    rescue_expired()
    assert [again(row).limit_key for row in (failing, dead)] == [None, None]
    assert Job.objects.filter(status=Status.FAILED).run_again() == 2
    assert [again(row).limit_key for row in (failing, dead)] == [DOOR, "door 1"]
    assert {again(row).stage for row in (failing, dead)} == {Stage.BLOCKED}


def claim_keyed(key: str) -> list[Claim]:
    """Claims all there is, and keeps only this key's rows."""
    claims = [one for one in claim(100) if one.limit_key == key]
    Job.objects.filter(status=Status.CLAIMED).exclude(limit_key=key).update(
        status=Status.READY, claim_token=None, attempts=0
    )
    return claims


def test_each_of_many_keys_has_its_turn() -> None:
    for number in range(1, 8):
        put(pass_wide_door, number)
    assert [admit(3) for _ in range(4)] == [3, 3, 1, 0]
    for number in range(1, 8):
        enqueue_many(pass_wide_door, (call(number) for _ in range(3)))
    assert [admit(3) for _ in range(4)] == [6, 6, 2, 0]
    put(pass_wide_door, 8)
    assert sum(admit(3) for _ in range(3)) == 1, "the full ones stand before it"


def test_keys_that_nobody_used_for_long_are_forgotten() -> None:
    put(pass_door), put(knock)
    admit()
    let_pass(7 * 86400)
    QueueLimit.objects.filter(key=DOOR).update(next_at=Now() - timedelta(hours=1))
    assert forget_unused_keys(timedelta(days=1)) == 1
    assert set(QueueLimit.objects.values_list("key", flat=True)) == {DOOR}


def test_a_run_stays_for_a_row_whose_turn_under_its_rate_comes_soon() -> None:
    jobs = [put(throttled) for _ in range(6)]
    run_worker(max_seconds=30)
    assert {again(job).status for job in jobs} == {Status.DONE}


def test_a_run_ends_before_a_turn_that_comes_after_it() -> None:
    jobs = [put(throttled) for _ in range(50)]
    run_worker(max_seconds=1)
    assert Status.READY in {again(job).status for job in jobs}


@override_settings(QUEUE_LIMITS={"mail": {"speed": 1}})
def test_nonsense_in_the_limits_of_a_queue_is_said_at_the_start() -> None:
    assert [problem.id for problem in check_limits(None)] == ["queue_table.E005"]
