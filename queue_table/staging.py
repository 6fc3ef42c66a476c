"""Rows whose time has come enter the claim's index."""

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from queue_table.guards import standing
from queue_table.lifecycle import Stage
from queue_table.models import Job

MOST = 1000  # rows in one short transaction


def promote() -> int:
    """Makes scheduled rows that are due available, or blocked where a limit decides; returns how many. Oldest first."""
    due = Job.objects.filter(stage=Stage.SCHEDULED, available_at__lte=Now()).order_by("available_at")
    keys = list(due.values_list("pk", flat=True)[:MOST])
    if not keys:  # the usual case takes no write lock
        return 0
    limited = When(Q(limit_key__isnull=False), then=Value(Stage.BLOCKED))
    still = standing(Job.objects.filter(pk__in=keys, available_at__lte=Now()), "stage", {Stage.SCHEDULED})
    return still.update(stage=Case(limited, default=Value(Stage.AVAILABLE)), updated_at=Now())
