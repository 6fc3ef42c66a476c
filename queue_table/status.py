"""What lies in the table, in numbers."""

from django.db.models import Count

from queue_table.lifecycle import Status
from queue_table.models import Job


def rows_by_kind() -> dict[str, dict[str, int]]:
    """How many rows there are of each kind in each status: `{"order.confirmed": {"done": 3}}`.

    It reads the whole table: for replays and tests. A shop at work asks depth.py.
    """
    counted: dict[str, dict[str, int]] = {}
    for kind, status, rows in (
        Job.objects.values_list("kind", "status").annotate(Count("pk")).order_by("kind", "status")
    ):
        counted.setdefault(kind, {})[Status(status).name.lower()] = rows
    return counted
