"""The helpers for tests, in a test's own transaction, as Django's TestCase opens it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.db import transaction
from django.utils import timezone

from queue_table import limits
from queue_table.lifecycle import Stage, Status
from queue_table.messages import OrderConfirmed
from queue_table.models import Job, QueueLimit
from queue_table.outbox import call, enqueue_many, publish
from queue_table.outcomes import Outcome
from queue_table.running import current
from queue_table.testing import assert_published, published, run_due_jobs, travel
from shop.catalogue.models import Category
from tests import sample_tasks
from tests.queue_rows import again, claim_one, put
from tests.sample_tasks import add, knock, pass_door

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


@pytest.fixture(autouse=True)
def _two_subscribers(settings: Any) -> None:
    paths = [add.module_path, pass_door.module_path]
    settings.QUEUE_ROUTES = settings.QUEUE_ROUTES | {"order.confirmed": paths}
    limits._round.last = ""


def confirm(order_id: int, customer: str = "guest") -> None:
    with transaction.atomic():
        publish(OrderConfirmed(order_id=order_id, order_number="A", customer=customer))


def test_due_jobs_are_performed_inline_and_what_they_lead_to() -> None:
    first, failing, limited = put(sample_tasks.write_category, "a"), put(sample_tasks.raise_error), put(pass_door)
    later = put(add.using(run_after=timezone.now() + timedelta(hours=1)), 1, 1)
    report = run_due_jobs()
    assert (again(first).status, again(limited).status, again(later).status) == (Status.DONE, Status.DONE, Status.READY)
    assert (again(failing).status, again(failing).attempts) == (Status.READY, 1)
    assert Category.objects.get().slug == "a"
    assert Job.objects.filter(kind="order.confirmed", task=pass_door.module_path).get().attempts == 1
    assert report.outcomes[Outcome.RETRIED] >= 1
    assert current() is None


def test_no_periodic_duty_runs_along() -> None:
    assert shop_settings.QUEUE_DUTIES
    run_due_jobs()
    assert not Job.objects.exists()
    assert shop_settings.QUEUE_DUTIES


def test_no_more_jobs_are_performed_than_wanted() -> None:
    enqueue_many(add, (call(number, 0) for number in range(20)))
    assert run_due_jobs(max_jobs=3).outcomes[Outcome.DONE] == 3
    assert Job.objects.filter(status=Status.DONE).count() == 3
    assert set(Job.objects.exclude(status=Status.DONE).values_list("status", "attempts")) == {(Status.READY, 0)}


def test_published_messages_are_listed_once_each_however_many_listen() -> None:
    confirm(1)
    with published() as messages:
        confirm(2)
        confirm(3, customer="c-3")
        put(add, 1, 1)
    assert [(message.kind, message.fields["order_id"]) for message in messages] == [
        ("order.confirmed", 2),
        ("order.confirmed", 3),
    ]


def test_a_message_is_found_by_its_fields() -> None:
    confirm(2)
    confirm(3, customer="c-3")
    assert assert_published("order.confirmed", customer="c-3").fields["order_id"] == 3
    with pytest.raises(AssertionError, match=r"No order\.confirmed with .*4.* was published, but: .*order_id': 2"):
        assert_published("order.confirmed", order_id=4)
    with pytest.raises(AssertionError, match=r"No order\.expired"):
        assert_published("order.expired")


def test_nothing_published_is_said_so() -> None:
    with pytest.raises(AssertionError, match="but: nothing"):
        assert_published("order.confirmed")


def test_time_passes_for_what_is_scheduled() -> None:
    job = put(add.using(run_after=timezone.now() + timedelta(hours=2)), 1, 1)
    travel(timedelta(hours=1))
    run_due_jobs()
    assert again(job).status == Status.READY
    travel(timedelta(hours=1))
    run_due_jobs()
    assert again(job).status == Status.DONE


def test_time_passes_for_pauses_leases_and_rates() -> None:
    job = put(sample_tasks.raise_error)
    for _ in range(3):
        run_due_jobs()
        travel(timedelta(hours=2))
    assert again(job).status == Status.FAILED
    put(add, 1, 1)
    held = claim_one()
    assert not Job.objects.expired().exists()
    travel(timedelta(seconds=61))
    assert [one.pk for one in Job.objects.expired()] == [held.pk]
    enqueue_many(knock, (call() for _ in range(30)))
    limits.admit()
    assert Job.objects.filter(stage=Stage.BLOCKED).count() > 20
    before = QueueLimit.objects.get().next_at
    travel(timedelta(seconds=1, microseconds=5))
    assert before - QueueLimit.objects.get().next_at == timedelta(seconds=1, microseconds=5)


def test_what_is_over_stays_where_it_was() -> None:
    job = put(add, 1, 1)
    run_due_jobs()
    before = again(job)
    travel(timedelta(days=1))
    assert again(job).available_at == before.available_at
