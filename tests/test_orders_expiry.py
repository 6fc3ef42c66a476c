"""Time to pay ends: the order expires by a small job of its own, and its goods go back by another."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from orders.lifecycle import Actor, PaymentStatus
from orders.models import Order
from orders.paying import record_payment, start_payment
from orders.services import cancel_order, expire_order
from orders.tasks import enqueue_unpaid
from queue_table.models import Job
from shop.catalogue.models import Stock, Variant
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.shopping import notice_for, placed_order, run_queue, sent, status, written

pytestmark = pytest.mark.databases
HOUR = timedelta(hours=1)
RELEASE = "shop.catalogue.tasks.release_stock"


def overdue_order(variant: Variant | None = None, quantity: int = 1) -> Order:
    return placed_order(variant=variant, quantity=quantity, now=timezone.now() - HOUR)


def reserved(variant: Variant) -> int:
    return Stock.objects.get(pk=variant.pk).reserved


@pytest.mark.django_db
def test_the_duty_enqueues_one_small_job_for_each_order_that_is_due_and_only_for_those() -> None:
    due = [overdue_order(), overdue_order()]
    paid, cancelled, early = overdue_order(), overdue_order(), placed_order()
    record_payment(notice_for(paid.payments.get()), Actor.PROVIDER)
    cancel_order(cancelled, Actor.CUSTOMER)
    assert [enqueue_unpaid(timezone.now()) for _ in range(3)] == [2, 2, 2]
    jobs = Job.objects.filter(kind="order.overdue")
    assert sorted(jobs.values_list("order_id", flat=True)) == [order.pk for order in due]
    assert [status(order) for order in [*due, early]] == ["pending"] * 3  # the duty itself ends nothing


@pytest.mark.django_db
def test_the_last_moment_counts_as_over() -> None:
    order = placed_order()
    assert enqueue_unpaid(order.pay_by - timedelta(microseconds=1)) == 0
    assert expire_order(order.pk, order.pay_by - timedelta(microseconds=1)) is False
    assert enqueue_unpaid(order.pay_by) == 1
    assert expire_order(order.pk, order.pay_by) is True


@pytest.mark.django_db
def test_one_visit_of_cron_expires_the_order_and_gives_its_goods_back() -> None:
    variant = VariantFactory()
    order, early = overdue_order(variant, 3), placed_order(variant=variant, quantity=2)
    assert reserved(variant) == 5
    run_queue()
    assert (status(order), status(early)) == ("expired", "pending")
    assert written(order) == ["placed", "payment_started", "expired", "payment_given_up"]
    assert order.events.get(kind="expired").actor == Actor.SYSTEM
    assert reserved(variant) == 2
    assert sent("order.expired", order_id=order.pk, task=RELEASE) == 1
    run_queue()
    assert reserved(variant) == 2


@pytest.mark.django_db
def test_a_paid_order_is_left_alone_even_by_a_job_that_was_enqueued_before_it_was_paid() -> None:
    variant = VariantFactory()
    order = overdue_order(variant)
    enqueue_unpaid(timezone.now())
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    Job.objects.exclude(kind="order.overdue").delete()  # this test is not about the delivery
    run_queue()
    assert (status(order), reserved(variant)) == ("confirmed", 1)
    assert Job.objects.get(kind="order.overdue").status == 1


@pytest.mark.django_db
def test_an_order_that_was_given_more_time_expires_at_its_new_deadline() -> None:
    order = overdue_order()
    enqueue_unpaid(timezone.now())
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() + HOUR)
    run_queue()
    assert status(order) == "pending"
    assert enqueue_unpaid(timezone.now() + 2 * HOUR) == 1
    run_queue()
    assert status(order) == "expired"


@pytest.mark.django_db
def test_a_worker_whose_clock_is_behind_still_ends_what_another_found_due() -> None:
    """The job is enqueued once per deadline: a worker that thought it too early would leave the order for ever."""
    order = placed_order()
    enqueue_unpaid(order.pay_by)
    with time_machine.travel(timezone.now() - 2 * HOUR):
        run_queue()
    assert status(order) == "expired"


@pytest.mark.django_db
def test_a_failed_payment_gives_no_extra_time() -> None:
    order = overdue_order()
    record_payment(notice_for(order.payments.get(), PaymentStatus.FAILED), Actor.PROVIDER)
    start_payment(order.pk)
    run_queue()
    assert status(order) == "expired"


@pytest.mark.django_db(transaction=True)
def test_of_expire_and_cancel_at_once_one_wins_and_the_goods_go_back_once() -> None:
    variant = VariantFactory()
    for _ in range(10):
        order = overdue_order(variant)
        cancel = partial(cancel_order, order, Actor.CUSTOMER)
        at_once(cancel, *[partial(expire_order, order.pk, timezone.now())] * 2)
        assert status(order) in {"cancelled", "expired"}
        assert written(order)[2:] == [status(order)]
        assert sum(sent(kind, order_id=order.pk) for kind in ("order.cancelled", "order.expired")) == 1
    run_queue()
    assert reserved(variant) == 0
