"""Two workers, a parent, a rescuer and staff, in any order of whole moves: the table is always as the model says.

A worker that lost its claim goes on with it here as if nothing had happened: the zombie is the usual case.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from queue_table.aftermath import settle_claim
from queue_table.cancelling import cancel
from queue_table.choosing import Chooser
from queue_table.claims import Claim, Claimer, Place
from queue_table.exceptions import CancelRequested, Discard, LostClaim
from queue_table.lifecycle import FINISHED, Stage, Status
from queue_table.limits import admit
from queue_table.models import ERRORS_KEPT, Job
from queue_table.pausing import pause, resume
from queue_table.performing import settle_failed_attempt
from queue_table.rescue import rescue_expired
from queue_table.slots import STEP, Slot
from queue_table.staging import promote
from tests.chaos import tasks
from tests.queue_model import Model, Row
from tests.queue_rows import LEASE, again, put
from tests.sample_tasks import add, raise_once

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
QUEUES = ["a", "b"]
ROWS = st.fixed_dictionaries(
    {
        "task": st.sampled_from([add, add, raise_once, tasks.limited]),
        "queue": st.sampled_from(["a", "a", "a", "b"]),
        "priority": st.sampled_from([0, 0, 5]),
        "later": st.sampled_from([False, False, False, True]),
        "most": st.integers(1, 3),
    }
)
WORKERS = ["renew", "complete", "complete_together", "give_back", "snooze", "fail", "look"] * 2 + ["claim"] * 6
OTHERS = ["die", "lease_passes", "rescue_all", "act_late", "cancel"] * 2
STAFF = ["claim_from_where_another_ended", "run_again", "promote", "admit", "pause", "resume", "choose"]
MOVE = st.tuples(st.sampled_from(WORKERS + OTHERS + STAFF), st.integers(0, 4), st.integers(0, 6))
"""A move, which of the latest claims, sightings or rows it is about, and which case of it."""
WAYS = {(0, 2), (2, 0), (2, 1), (2, 3), (3, 0), (0, 3)}  # the last by staff: cancelled before its turn
HOUR = timedelta(hours=1)
COLUMNS = ("pk", "status", "stage", "attempts", "claim_token", "cancel_requested_at", "limit_key", "kept_limit_key")


class Table(RuleBasedStateMachine):
    """The real statements beside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.statuses = Model(), dict[int, int]()
        self.claims, self.seen = list[list[Claim]](), list[Job]()  # of workers; rows as somebody once read them
        self.undone = transaction.atomic()
        self.undone.__enter__()

    def teardown(self) -> None:
        """The next example begins with an empty table, whatever the database refused in this one."""
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @initialize(rows=st.lists(ROWS, min_size=4, max_size=8))
    def begin(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self.put(**row)

    @rule(row=ROWS)
    def enqueue(self, row: dict[str, Any]) -> None:
        self.put(**row)

    @rule(moves=st.lists(MOVE, min_size=8, max_size=12))
    def go_on(self, moves: list[tuple[str, int, int]]) -> None:
        """Several at a time, or Hypothesis would come to no story of some length."""
        for move, which, case in moves:
            getattr(self, move)(which, case)
            self.look_at_the_table()

    def batch(self, which: int) -> list[Claim]:
        return self.claims[-1 - which % len(self.claims)] if self.claims else []

    def put(self, task: Any, queue: str, priority: int, later: bool, most: int) -> None:
        job = put(task.using(queue_name=queue, priority=priority), 1, 2)
        stage = Stage.SCHEDULED if later else Stage(job.stage)
        Job.objects.filter(pk=job.pk).update(stage=stage, max_attempts=most, available_at=Now() + later * HOUR)
        limited = job.limit_key is not None
        self.model.rows[job.pk] = Row(job.pk, job.task, queue, priority, most, limited, stage=stage, due=not later)

    def claim(self, which: int, case: int) -> None:
        queue, unknown = QUEUES[which == 4], [add.module_path] if case == 6 else []
        taken = Claimer("a worker", 1 + case % 3, LEASE).claim(queue, unknown=unknown)
        rows = [row for row in self.model.available(queue) if row.task not in unknown]
        self.took(taken, rows[: 1 + case % 3])

    def claim_from_where_another_ended(self, which: int, case: int) -> None:
        for earlier in self.batch(which)[-1:]:
            place = Place(earlier.priority, earlier.pk)
            taken = Claimer("a worker", 1 + case % 3, LEASE).claim(earlier.queue, after=place)
            rows = [row for row in self.model.available(earlier.queue) if row.priority == place.priority]
            self.took(taken, [row for row in rows if row.pk > place.pk][: 1 + case % 3])

    def took(self, taken: list[Claim], expected: list[Row]) -> None:
        assert [claim.pk for claim in taken] == [row.pk for row in expected]
        if taken:
            self.model.claim(expected, taken[0].claim_token)
            self.claims.append(taken)
        assert [claim.attempts for claim in taken] == [row.attempts for row in expected]

    def renew(self, which: int, case: int) -> None:
        for keys, token in self.part(which, case):
            assert Job.objects.renew(keys, token, LEASE) == self.model.renew(keys, token)

    def complete_together(self, which: int, case: int) -> None:
        for keys, token in self.part(which, case):
            assert Job.objects.complete_all(keys, token) == self.model.complete(keys, token)

    def give_back(self, which: int, case: int) -> None:
        for keys, token in self.part(which, case):
            assert Job.objects.give_back(keys, token) == self.model.give_back(keys, token)

    def part(self, which: int, case: int) -> list[Any]:
        """The keys of a claim, or of its last rows, and its token; none if nothing was claimed yet."""
        batch = self.batch(which)
        return [([claim.pk for claim in batch[-1 - case % 3 :]], batch[0].claim_token)] if batch else []

    def complete(self, which: int, case: int) -> None:
        for claim in self.batch(which)[:1]:
            done = self.tried(lambda claim=claim: Job.objects.complete(claim, {"a": 1} if case % 2 else None))
            assert done == bool(self.model.complete([claim.pk], claim.claim_token))

    def snooze(self, which: int, case: int) -> None:
        for claim in self.batch(which)[:1]:
            row, due = self.model.rows[claim.pk], case % 2 == 0
            mine, until = row.belongs_to(claim.claim_token), again(claim).created_at + (not due) * HOUR
            try:
                assert self.tried(lambda claim=claim, until=until: Job.objects.snooze(claim, until)) == mine
            except CancelRequested:
                assert mine
                assert row.asked
            else:
                assert not (mine and row.asked)
                self.model.snooze(row, due=due) if mine else None

    def fail(self, which: int, case: int) -> None:
        self.look(which, case)
        for job in self.seen[-1:]:
            self.act(job, "fail", due=case % 2 == 0)

    def look(self, which: int, case: int) -> None:
        """A worker or a rescuer reads the row before it writes it."""
        for claim in self.batch(which)[:1]:
            job = Job.objects.filter(pk=claim.pk, claim_token=claim.claim_token).first()
            assert (job is not None) == self.model.rows[claim.pk].belongs_to(claim.claim_token)
            self.seen += [job] if job else []

    def act_late(self, which: int, case: int) -> None:
        """Time has passed since they read it."""
        if self.seen:
            move = ["fail", "fail for good", "rescue", "rescue uncounted"][case % 4]
            self.act(self.seen[-1 - which % len(self.seen)], move, due=case > 3)

    def act(self, seen: Job, move: str, due: bool) -> None:
        row, seen.errors = self.model.rows[seen.pk], list(seen.errors)
        mine = row.belongs_to(seen.claim_token)
        if move.startswith("rescue"):
            free = mine and row.expired and row.asked == (seen.cancel_requested_at is not None)
            assert Job.objects.rescue(seen, counted=move == "rescue") == free
            self.model.rescue(row, counted=move == "rescue") if free else None
            return
        error = Discard("no") if move == "fail for good" else RuntimeError("no")
        assert self.tried(lambda: settle_failed_attempt(seen, error, timedelta() if due else HOUR)) == mine
        self.model.fail_attempt(row, for_good=move == "fail for good", due=due) if mine else None

    def die(self, which: int, case: int) -> None:
        """The worker's process is gone; its parent settles what it held."""
        for batch in [self.batch(which)] * bool(self.claims):
            keys, token, slot = [claim.pk for claim in batch], batch[0].claim_token, Slot()
            slot.announce(token)
            slot.hold(keys, 0.0)
            slot.words[STEP] = min(case, 2 * len(keys))
            performed, in_hand = slot.performed, slot.in_hand
            settle_claim(slot, "it died")
            self.model.complete(performed, token)
            if in_hand is not None and self.model.rows[in_hand].belongs_to(token):
                self.model.fail_attempt(self.model.rows[in_hand], for_good=False, due=False)
            self.model.give_back([key for key in keys if key not in performed], token)

    def lease_passes(self, which: int, case: int) -> None:
        for batch in [self.batch(which)] * bool(self.claims):
            rows = Job.objects.filter(status=Status.CLAIMED, claim_token=batch[0].claim_token)
            rows.update(lease_expires_at=Now() - timedelta(seconds=1))
            for row in self.model.ours(self.model.rows, batch[0].claim_token):
                row.expired = True
        if case % 2:
            self.rescue_all(which, case)

    def rescue_all(self, which: int, case: int) -> None:
        assert rescue_expired() == self.model.rescue_expired()
        assert not Job.objects.expired().exists()

    def cancel(self, which: int, case: int) -> None:
        row = list(self.model.rows.values())[(which + case) % len(self.model.rows)]
        assert cancel(Job.objects.filter(pk=row.pk), "staff") == self.model.cancel(row)

    def run_again(self, which: int, case: int) -> None:
        assert Job.objects.filter(status=Status.FAILED).run_again() == self.model.run_again()

    def promote(self, which: int, case: int) -> None:
        """After some time."""
        assert promote() == self.model.promote()
        Job.objects.filter(stage=Stage.SCHEDULED).update(available_at=Now() - timedelta(seconds=1))
        for row in self.model.rows.values():
            row.due = True
        assert promote() == self.model.promote()

    def admit(self, which: int, case: int) -> None:
        assert admit() == self.model.admit()

    def pause(self, which: int, case: int) -> None:
        assert pause(QUEUES[case % 2], "staff") == (QUEUES[case % 2] not in self.model.paused)
        self.model.paused.add(QUEUES[case % 2])

    def resume(self, which: int, case: int) -> None:
        assert resume(QUEUES[case % 2], "staff") == (QUEUES[case % 2] in self.model.paused)
        self.model.paused.discard(QUEUES[case % 2])

    def choose(self, which: int, case: int) -> None:
        open_ones = [name for name in QUEUES if name not in self.model.paused]
        filled = {name: rows[0].claim_order for name in open_ones if (rows := self.model.available(name))}
        assert Chooser().candidates() == sorted(filled, key=lambda name: filled[name])
        assert Chooser(QUEUES[::-1]).candidates() == open_ones[::-1]

    @staticmethod
    def tried(settle: Any) -> bool:
        try:
            settle()
        except LostClaim:
            return False
        return True

    @invariant()
    def look_at_the_table(self) -> None:
        self.the_table_is_as_the_model_says()
        self.rows_go_only_where_they_may()
        self.moments_and_numbers_make_sense()

    def the_table_is_as_the_model_says(self) -> None:
        found = {
            pk: (status, stage, attempts, token, asked is not None, (key or kept) is not None)
            for pk, status, stage, attempts, token, asked, key, kept in Job.objects.values_list(*COLUMNS)
        }
        assert found == {
            row.pk: (row.status, row.stage, row.attempts, row.token, row.asked, row.limited)
            for row in self.model.rows.values()
        }

    def rows_go_only_where_they_may(self) -> None:
        before, self.statuses = self.statuses, dict(Job.objects.values_list("pk", "status"))
        moves = {(before.get(pk, 0), status) for pk, status in self.statuses.items()}
        assert {move for move in moves if move[0] != move[1]} <= WAYS

    def moments_and_numbers_make_sense(self) -> None:
        for job in Job.objects.all():
            moments = [job.created_at, job.claimed_at, job.finished_at]
            known = [moment for moment in moments if moment is not None]
            assert known == sorted(known)
            assert 0 <= job.attempts <= job.max_attempts
            assert (job.finished_at is not None) == (job.status in FINISHED)
            assert len(job.errors) <= ERRORS_KEPT
            if job.status != Status.CLAIMED:
                assert (job.claim_token, job.lease_expires_at) == (None, None)


def test_the_table_does_what_the_model_does() -> None:
    run_state_machine_as_test(
        Table,
        settings=settings(
            max_examples=60,
            stateful_step_count=8,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
