"""Who gets which row, in which order, and for how long."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from queue_table.choosing import Chooser
from queue_table.claims import Claimer, Place
from queue_table.connecting import claiming_connection
from queue_table.exceptions import LostClaim
from queue_table.lifecycle import Stage, Status
from queue_table.models import Job, PausedQueue
from queue_table.outbox import call, enqueue_many
from queue_table.staging import promote
from queue_table.vendors import completion, keyed
from tests.queue_rows import LEASE, again, claim, claim_one, end_lease, put, rescue, run_worker
from tests.sample_tasks import add
from tests.work_done import work_done

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def test_a_claim_is_owned_leased_and_counted() -> None:
    put(add, 1, 2)
    taken = claim_one("host:1")
    row = again(taken)
    assert (row.status, row.attempts, row.claimed_by) == (Status.CLAIMED, 1, "host:1")
    assert row.claim_token == taken.claim_token
    assert row.lease_expires_at is not None
    assert row.claimed_at is not None
    assert row.lease_expires_at - row.claimed_at == LEASE
    assert (taken.attempts, taken.payload) == (1, {"args": [1, 2], "kwargs": {}})


def test_a_claimed_row_is_nobody_elses() -> None:
    put(add, 1, 2)
    claim_one()
    assert claim() == []


def test_higher_priority_goes_first_and_then_the_older_row() -> None:
    late, soon, old = put(add, 1, 1), put(add.using(priority=10), 1, 1), put(add, 1, 1)
    assert [job.pk for job in claim()] == [soon.pk, late.pk, old.pk]


def test_a_row_for_later_waits_until_its_time_has_come() -> None:
    job = put(add, 1, 2)
    Job.objects.filter(pk=job.pk).update(stage=Stage.SCHEDULED, available_at=Now() + timedelta(seconds=30))
    assert promote() == 0
    assert claim() == []
    Job.objects.filter(pk=job.pk).update(available_at=Now() - timedelta(seconds=1))
    assert promote() == 1
    assert [taken.pk for taken in claim()] == [job.pk]


def test_a_worker_takes_only_the_queues_it_was_given_and_in_their_order() -> None:
    slow, mail, other = (put(add.using(queue_name=name), 1, 2) for name in ("a-slow", "mail", "other"))
    order = []
    run_worker(queues=["mail", "a-slow"], on_outcome=lambda outcome: order.append(sorted(done())))
    assert order[0] == [mail.pk]
    assert done() == {mail.pk, slow.pk}
    assert again(other).status == Status.READY


def done() -> set[int]:
    return set(Job.objects.filter(status=Status.DONE, kind="task").values_list("pk", flat=True))


def test_without_names_the_most_urgent_row_of_all_queues_goes_first() -> None:
    put(add.using(queue_name="a"), 1, 1)
    urgent = put(add.using(queue_name="z", priority=5), 1, 1)
    order = []
    run_worker(batch_size=1, on_outcome=lambda outcome: order.append(sorted(done())))
    assert order[0] == [urgent.pk]


def test_a_paused_queue_is_left_alone_until_it_is_resumed() -> None:
    job = put(add.using(queue_name="mail"), 1, 1)
    PausedQueue.objects.create(queue="mail")
    run_worker()
    run_worker(queues=["mail"])
    assert again(job).status == Status.READY
    PausedQueue.objects.all().delete()
    run_worker()
    assert again(job).status == Status.DONE


def test_no_more_than_the_batch_is_taken() -> None:
    for _ in range(5):
        put(add, 1, 2)
    assert len(claim(3)) == 3
    assert len(claim(3)) == 2


def test_a_claim_can_begin_where_the_last_one_ended() -> None:
    urgent, first, second, third = (put(add.using(priority=p), 1, 1) for p in (1, 0, 0, 0))
    after = Claimer("w", 1, LEASE).claim("default", after=Place(0, first.pk))
    assert [taken.pk for taken in after] == [second.pk]
    assert [taken.pk for taken in claim()] == [urgent.pk, first.pk, third.pk]


def test_who_lost_the_claim_changes_nothing() -> None:
    put(add, 1, 2)
    zombie = claim_one("zombie")
    as_the_zombie_sees_it = again(zombie)
    end_lease(zombie)
    assert rescue(zombie)
    owner = claim_one("owner")
    for verb in (
        lambda: Job.objects.complete(zombie),
        lambda: Job.objects.complete(zombie, 5),
        lambda: Job.objects.fail(as_the_zombie_sees_it),
        lambda: Job.objects.retry(as_the_zombie_sees_it, LEASE),
        lambda: Job.objects.snooze(zombie, as_the_zombie_sees_it.created_at),
    ):
        with pytest.raises(LostClaim):
            verb()
    assert Job.objects.complete_all([zombie.pk], zombie.claim_token) == 0
    assert Job.objects.give_back([zombie.pk], zombie.claim_token) == 0
    assert Job.objects.renew([zombie.pk], zombie.claim_token, LEASE) == set()
    assert again(owner).claim_token == owner.claim_token
    assert again(owner).claimed_by == "owner"


def test_a_renewed_row_is_not_rescued() -> None:
    put(add, 1, 2)
    taken = claim_one()
    end_lease(taken)
    seen_by_rescuer = again(taken)
    assert Job.objects.renew([taken.pk], taken.claim_token, LEASE) == {taken.pk}
    assert not Job.objects.rescue(seen_by_rescuer, counted=True)
    assert again(taken).status == Status.CLAIMED


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": 4},
        {"status": Status.CLAIMED},
        {"status": Status.DONE},
        {"finished_at": Now()},
        {"attempts": 4},
        {"attempts": 3},
        {"priority": 101},
        {"stage": 3},
        {"status": Status.DONE, "finished_at": Now(), "stage": Stage.SCHEDULED},
    ],
    ids=[
        "unknown status",
        "claimed without token",
        "done without time",
        "time without end",
        "too many attempts",
        "ready without an attempt left",
        "priority",
        "unknown stage",
        "scheduled and done",
    ],
)
def test_the_database_refuses_nonsense(nonsense: dict[str, object]) -> None:
    job = put(add, 1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**nonsense)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [None, Place(0, 1)], ids=["from the top", "from where the last claim ended"])
def test_the_claim_walks_its_own_index_also_when_the_statistics_are_those_of_an_empty_table(
    after: Place | None,
) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE order_queue SET (autovacuum_enabled = off)")
            cursor.execute("VACUUM ANALYZE order_queue")
        elif connection.vendor == "mysql":
            cursor.execute("ANALYZE TABLE order_queue")
    enqueue_many(add, [call(1, 2)] * 3000)
    plan = plan_of_a_claim(after)
    assert "order_queue_claim" in plan
    assert not any(word in plan.lower() for word in ("sort", "temp b-tree", "temporary", "seq scan on"))


def plan_of_a_claim(after: Place | None) -> str:
    """What the database says it would do; MariaDB explains no statement in a transaction's middle, so its read part."""
    claimer = Claimer("w", 100, LEASE, claiming_connection())
    words = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN", "mysql": "EXPLAIN"}
    with claimer.connection.cursor() as cursor:
        statement, parameters = claimer.statement("default", uuid4(), after, ())
        cursor.execute(f"{words[connection.vendor]} {statement}", parameters)
        plan = str(cursor.fetchall())
    if claimer.connection is not connection:
        claimer.connection.close()
    return plan


@pytest.mark.django_db(transaction=True)
def test_to_know_the_queues_the_backlog_is_not_read() -> None:
    for name in ("first", "second"):
        enqueue_many(add.using(queue_name=name), [call(1, 2)] * 4000)
    with connection.cursor() as cursor:
        cursor.execute(
            {"sqlite": "ANALYZE", "postgresql": "ANALYZE", "mysql": "ANALYZE TABLE order_queue"}[connection.vendor]
        )
    chooser = Chooser()
    work = work_done(chooser.candidates)
    assert chooser.names == ["first", "second"]
    assert work < 300


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rows", [1, 100])
def test_a_claimed_row_is_settled_by_its_key_and_by_no_index_of_claimed_rows(rows: int) -> None:
    enqueue_many(add, [call(1, 2)] * 1000)
    keys, vendor = [taken.pk for taken in claim(rows)], connection.vendor
    these, parameters = keyed(vendor, keys)
    statement = completion(vendor, these)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' * (vendor == 'sqlite')}{statement}", [*parameters, uuid4().hex])
        plan = str(cursor.fetchall())
    assert "order_queue_lease" not in plan
