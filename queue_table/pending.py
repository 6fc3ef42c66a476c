"""What the table knows of orders, for whoever compares it with the orders themselves."""

from typing import Any

from queue_table.invariant import Span
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.querysets import JobQuerySet


def orders_waiting(orders: Span, **about: Any) -> set[int]:
    """The ids of those orders for which a job like this (`task` or `kind`) is ready or claimed: it will still be done.

    A failed one is not: nobody performs it before a person decides.
    """
    jobs = Job.objects.filter(status__in=[Status.READY, Status.CLAIMED], **orders.of("order_id"), **about)
    return _keys(jobs)


def orders_named(orders: Span) -> set[int]:
    """The order ids in this span that any job names."""
    return _keys(Job.objects.filter(**orders.of("order_id")))


def _keys(jobs: JobQuerySet) -> set[int]:
    return {key for key in jobs.values_list("order_id", flat=True).distinct() if key is not None}


def is_under_way(task: str) -> bool:
    """True while a job of this task is ready or claimed."""
    return Job.objects.filter(status__in=[Status.READY, Status.CLAIMED], task=task).exists()
