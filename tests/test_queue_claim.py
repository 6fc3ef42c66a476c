"""Who gets which row, in which order, and for how long."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from queue_table.exceptions import LostClaim
from queue_table.lifecycle import Status
from queue_table.models import Job
from tests.queue_rows import again, claim_one, end_lease, put
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
LEASE = timedelta(seconds=60)


def test_a_claim_is_owned_leased_and_counted() -> None:
    put(add, 1, 2)
    job = claim_one("host:1")
    assert (job.status, job.attempts, job.claimed_by) == (Status.CLAIMED, 1, "host:1")
    assert job.claim_token is not None
    assert job.lease_expires_at is not None
    assert job.claimed_at is not None
    assert job.lease_expires_at - job.claimed_at == LEASE


def test_a_claimed_row_is_nobody_elses() -> None:
    put(add, 1, 2)
    claim_one()
    assert Job.objects.claim("another", 10, LEASE) == []


def test_higher_priority_goes_first_and_then_the_older_row() -> None:
    late, soon, old = put(add, 1, 1), put(add.using(priority=10), 1, 1), put(add, 1, 1)
    assert [job.pk for job in Job.objects.claim("w", 3, LEASE)] == [soon.pk, late.pk, old.pk]


def test_a_row_for_later_waits() -> None:
    job = put(add, 1, 2)
    Job.objects.filter(pk=job.pk).update(available_at=Now() + timedelta(seconds=30))
    assert Job.objects.claim("w", 1, LEASE) == []


def test_a_worker_takes_only_the_queues_it_was_given() -> None:
    put(add, 1, 2)
    mail = put(add.using(queue_name="mail"), 1, 2)
    assert [job.pk for job in Job.objects.claim("w", 10, LEASE, queues=["mail"])] == [mail.pk]


def test_no_more_than_the_batch_is_taken() -> None:
    for _ in range(5):
        put(add, 1, 2)
    assert len(Job.objects.claim("w", 3, LEASE)) == 3
    assert len(Job.objects.claim("w", 3, LEASE)) == 2


def test_who_lost_the_claim_changes_nothing() -> None:
    put(add, 1, 2)
    zombie = claim_one("zombie")
    end_lease(zombie)
    assert Job.objects.rescue(again(zombie), began=True)
    owner = claim_one("owner")
    for verb in (
        lambda: Job.objects.complete(zombie),
        lambda: Job.objects.fail(zombie),
        lambda: Job.objects.retry(zombie, LEASE),
        lambda: Job.objects.give_back(zombie),
        lambda: Job.objects.snooze(zombie, zombie.created_at),
    ):
        with pytest.raises(LostClaim):
            verb()
    assert Job.objects.renew([zombie], LEASE) == set()
    assert again(owner).claim_token == owner.claim_token
    assert again(owner).claimed_by == "owner"


def test_a_renewed_row_is_not_rescued() -> None:
    put(add, 1, 2)
    job = claim_one()
    end_lease(job)
    seen_by_rescuer = again(job)
    assert Job.objects.renew([job], LEASE) == {job.pk}
    assert not Job.objects.rescue(seen_by_rescuer, began=True)
    assert again(job).status == Status.CLAIMED


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
    ],
    ids=[
        "unknown status",
        "claimed without token",
        "done without time",
        "time without end",
        "too many attempts",
        "ready without an attempt left",
        "priority",
    ],
)
def test_the_database_refuses_nonsense(nonsense: dict[str, object]) -> None:
    job = put(add, 1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**nonsense)


def test_the_claim_reads_its_own_index() -> None:
    due = Job.objects.due().in_claim_order().values_list("pk", flat=True)[:10]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty table is read whole; a full one is not
        sql, parameters = due.query.sql_with_params()
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}", parameters)
        plan = str(cursor.fetchall())
    assert "order_queue_claim" in plan
    assert not any(word in plan.lower() for word in ("sort", "temp b-tree"))
