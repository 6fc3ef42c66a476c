"""Two or three hands at the same rows, in every order of their statements: the rows end as one of the hands said."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models.functions import Now

from queue_table.aftermath import settle_claim
from queue_table.cancelling import cancel
from queue_table.claims import Claim
from queue_table.exceptions import CancelRequested, LostClaim
from queue_table.lifecycle import Stage, Status
from queue_table.limits import admit
from queue_table.models import Job
from queue_table.recalling import take_back
from queue_table.rescue import rescue_expired
from queue_table.slots import STEP, Slot
from queue_table.staging import promote
from queue_table.transactions import JobTransaction
from tests.chaos import tasks
from tests.lockstep import lockstep
from tests.queue_rows import LEASE, again, claim, claim_one, end_lease, put
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
Calls = Mapping[str, Callable[[], Any]]
Make = Callable[[], tuple[Calls, Callable[[Mapping[str, Any]], object]]]


def in_every_order(make: Make) -> None:
    """`make` lays out the rows; it gives the calls, and what judges their outcomes: whatever it says is wrong."""
    judges, wrong, tried = [], {}, 0

    def lay_out() -> Calls:
        Job.objects.all().delete()
        calls, judge = make()
        judges.append(judge)
        return calls

    with lockstep() as steps:
        for order, outcomes in steps.in_every_order(lay_out):
            tried += 1
            failed = [outcome for outcome in outcomes.values() if isinstance(outcome, Exception)]
            if word := failed or judges[-1](outcomes):
                wrong[order] = word
    print(tried, "orders")  # noqa: T201
    assert wrong == {}


def complete(job: Claim) -> int:
    return Job.objects.complete_all([job.pk], job.claim_token)


def perform_in_a_transaction(job: Claim) -> int:
    """As an atomic task: its effect and its own 2 -> 1 commit together, or not at all."""
    try:
        with JobTransaction():
            put(add.using(queue_name="elsewhere"), 1, 1, kind="effect")
            Job.objects.complete(job)
    except LostClaim:
        return 0
    return 1


def take_over() -> int:
    """What the next worker does with expired rows: rescue, claim, perform, complete."""
    rescue_expired()
    return sum(complete(job) for job in claim(1))


def expired_row() -> Claim:
    put(add, 1, 2)
    job = claim_one()
    end_lease(job)
    return job


def is_done_by_its_holder(job: Claim, done: Mapping[str, int]) -> bool:
    """One of the two was told that it completed the row, and then it was its attempt."""
    row = again(job)
    return sum(done.values()) == 1 and (row.status, row.attempts) == (Status.DONE, 1 if done["a"] else 2)


def describe(job: Claim) -> str:
    row = again(job)
    where = f"{Status(row.status).label}, {Stage(row.stage).label}"
    return f"{where}, {row.attempts} attempts, asked {row.cancel_requested_at}"


def test_of_two_workers_that_complete_a_row_one_does() -> None:
    def make() -> tuple[Calls, Any]:
        job = expired_row()
        calls = {"a": lambda: complete(job), "b": take_over}
        return calls, lambda done: None if is_done_by_its_holder(job, done) else (done, describe(job))

    in_every_order(make)


def test_an_atomic_task_has_its_effect_or_loses_its_row() -> None:
    def make() -> tuple[Calls, Any]:
        job = expired_row()

        def judge(done: Mapping[str, int]) -> object:
            effects = Job.objects.filter(kind="effect").count()
            right = effects == done["a"] and is_done_by_its_holder(job, done)
            return None if right else (done, effects, describe(job))

        return {"a": lambda: perform_in_a_transaction(job), "b": take_over}, judge

    in_every_order(make)


def test_a_row_is_renewed_or_rescued() -> None:
    def make() -> tuple[Calls, Any]:
        job = expired_row()

        def renew_and_complete() -> int:
            return complete(job) if Job.objects.renew([job.pk], job.claim_token, LEASE) else 0

        def judge(done: Mapping[str, int]) -> object:
            # Who claims passes by a row that is locked just then: it is ready for the next one.
            passed_by = not any(done.values()) and again(job).status == Status.READY
            return None if sum(done.values()) == 1 or passed_by else (done, describe(job))

        return {"a": renew_and_complete, "b": take_over}, judge

    in_every_order(make)


def test_who_is_told_that_a_row_is_his_has_its_lease() -> None:
    def make() -> tuple[Calls, Any]:
        job = expired_row()
        renew = partial(Job.objects.renew, [job.pk], job.claim_token, LEASE)
        return {"a": renew, "b": rescue_expired}, lambda done: None if len(done["a"]) + done["b"] == 1 else done

    in_every_order(make)


def test_who_renews_while_another_does_is_told_that_the_row_is_his() -> None:
    """The worker and its parent: both wake up together when the machine was asleep."""

    def make() -> tuple[Calls, Any]:
        job = expired_row()

        def renew() -> set[int]:
            return Job.objects.renew([job.pk], job.claim_token, LEASE)

        return {"a": renew, "b": renew}, lambda done: None if done == {"a": {job.pk}, "b": {job.pk}} else done

    in_every_order(make)


def settle_with(verb: str) -> Callable[[Claim], None]:
    def settle(job: Claim) -> None:
        """As performing.py does: a row that is to be cancelled fails."""
        try:
            if verb == "retry":
                Job.objects.retry(again(job), timedelta(0))
            elif verb == "snooze":
                Job.objects.snooze(job, again(job).created_at)
            elif verb == "give back":
                Job.objects.give_back([job.pk], job.claim_token)
            else:
                rescue_expired()
        except CancelRequested:
            Job.objects.fail(again(job))

    return settle


@pytest.mark.parametrize("verb", ["retry", "snooze", "give back", "rescue"])
def test_a_row_that_was_cancelled_while_it_was_put_back_is_not_tried_again(verb: str) -> None:
    def make() -> tuple[Calls, Any]:
        job = expired_row()
        calls = {"a": lambda: settle_with(verb)(job), "b": lambda: cancel(Job.objects.filter(pk=job.pk), "staff")}

        def judge(done: Mapping[str, Any]) -> object:
            if again(job).status == Status.CLAIMED:  # the rescuer came first, and comes again
                end_lease(job)
                rescue_expired()
            return None if sum(done["b"]) == 1 and again(job).status == Status.FAILED else (done, describe(job))

        return calls, judge

    in_every_order(make)


def test_a_row_is_claimed_or_cancelled_and_a_claimed_one_is_asked() -> None:
    def make() -> tuple[Calls, Any]:
        job = put(add, 1, 2)

        def judge(done: Mapping[str, Any]) -> object:
            row = again(job)
            expected = (0, 1, Status.CLAIMED) if done["a"] else (1, 0, Status.FAILED)
            right = (*done["b"], row.status) == expected and row.cancel_requested_at is not None
            return None if right else (done, row.status)

        return {"a": claim, "b": lambda: cancel(Job.objects.filter(pk=job.pk), "staff")}, judge

    in_every_order(make)


def test_no_row_is_claimed_twice_and_none_is_overlooked() -> None:
    """MariaDB may lock more than it takes: what is left is there for the next claim."""

    def make() -> tuple[Calls, Any]:
        rows = {put(add, 1, number).pk for number in range(3)}

        def judge(done: Mapping[str, list[Claim]]) -> object:
            taken = [job.pk for claims in (*done.values(), claim(3)) for job in claims]
            return None if sorted(taken) == sorted(rows) else taken

        return {"a": lambda: claim(2), "b": lambda: claim(2)}, judge

    in_every_order(make)


def test_a_row_that_comes_due_is_promoted_once_and_then_claimed_once() -> None:
    def make() -> tuple[Calls, Any]:
        job = put(add, 1, 2)
        Job.objects.filter(pk=job.pk).update(stage=Stage.SCHEDULED, available_at=Now() - timedelta(seconds=1))

        def judge(done: Mapping[str, Any]) -> object:
            status = Status.CLAIMED if done["c"] else Status.READY
            right = done["a"] + done["b"] == 1 and (again(job).status, again(job).stage) == (status, Stage.AVAILABLE)
            return None if right else (done, describe(job))

        return {"a": promote, "b": promote, "c": claim}, judge

    in_every_order(make)


@pytest.mark.parametrize("other", ["completes", "admits too"])
def test_who_admits_while_another_does_never_admits_too_many(other: str) -> None:
    def make() -> tuple[Calls, Any]:
        for _ in range(3):
            put(tasks.limited, "/dev/null")
        admit()
        running, _ = claim(2)
        if other == "admits too":
            complete(running)

        def judge(done: Mapping[str, int]) -> object:
            at_once = under_way()
            admit()
            return None if at_once <= 2 and under_way() == 2 else (done, at_once, under_way())

        return {"a": admit, "b": (lambda: complete(running)) if other == "completes" else admit}, judge

    in_every_order(make)


def under_way() -> int:
    return Job.objects.filter(status__in=(Status.READY, Status.CLAIMED), stage=Stage.AVAILABLE).count()


@pytest.mark.parametrize(("step", "attempts"), [(0, {0, 1}), (1, {1}), (2, {1})], ids=["held", "in hand", "performed"])
def test_a_dead_workers_row_is_settled_by_its_parent_or_rescued_by_another(step: int, attempts: set[int]) -> None:
    def make() -> tuple[Calls, Any]:
        slot, job = Slot(), expired_row()
        slot.announce(job.claim_token)
        slot.hold([job.pk], 0.0)
        slot.words[STEP] = step

        def judge(done: Mapping[str, Any]) -> object:
            row, statuses = again(job), {Status.READY} | ({Status.DONE} if step == 2 else set())
            right = row.status in statuses and row.attempts in attempts
            return None if right else (done, describe(job))

        return {"a": lambda: settle_claim(slot, "it died"), "b": rescue_expired}, judge

    in_every_order(make)


def test_a_row_behind_a_long_job_is_given_back_or_begun() -> None:
    def make() -> tuple[Calls, Any]:
        for _ in range(3):
            put(add, 1, 2)
        performed, long, behind = claim(3)
        slot = Slot()
        slot.announce(long.claim_token)
        slot.hold([performed.pk, long.pk, behind.pk], 0.0)  # recalled
        slot.words[STEP] = 3
        hand = slot.hand

        def go_on() -> bool:
            complete(long)
            slot.words[STEP] = 4
            return behind.pk in Job.objects.renew({behind.pk}, behind.claim_token, LEASE)

        def judge(done: Mapping[str, bool]) -> object:
            row, expected = again(behind), (Status.CLAIMED, 1) if done["worker"] else (Status.READY, 0)
            settled = Status.DONE if done["parent"] else Status.CLAIMED
            right = (row.status, row.attempts) == expected and again(performed).status == settled
            return None if right and done["worker"] != done["parent"] else (done, describe(behind), describe(performed))

        return {"worker": go_on, "parent": lambda: take_back(slot, hand)}, judge

    in_every_order(make)
