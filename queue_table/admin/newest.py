"""Looking for the newest rows that match, in a table of millions, for no longer than a person waits."""

import time
from typing import NamedTuple

from django.db.models import QuerySet

from queue_table.models import Job

FIRST_STRETCH = 20_000
QUICK_SECONDS = 0.02


class Found(NamedTuple):
    """Keys, newest first, and the key `down_to` which all rows were looked at; None if no older row is left."""

    keys: list[int]
    down_to: int | None


def newest(rows: QuerySet[Job], *, before: int | None, wanted: int, seconds: float) -> Found:
    """Up to `wanted` rows with keys below `before`. Looks on for `seconds`, in stretches of keys, one at least.

    A filter without an index of its own would otherwise read the whole table when it finds nothing.
    """
    first, end = _ends()
    top = end if before is None else min(before, end)
    keys: list[int] = []
    stretch, give_up_at = FIRST_STRETCH, time.monotonic() + seconds
    while top > first:
        began = time.monotonic()
        bottom = max(top - stretch, first)
        within = rows.filter(pk__lt=top, pk__gte=bottom).order_by("-pk").values_list("pk", flat=True)
        keys += within[: wanted - len(keys)]
        if len(keys) == wanted:
            return Found(keys, keys[-1] if keys[-1] > first else None)
        top = bottom
        if time.monotonic() >= give_up_at:
            break
        stretch = stretch * 2 if time.monotonic() - began < QUICK_SECONDS else stretch
    return Found(keys, top if top > first else None)


def _ends() -> tuple[int, int]:
    """The first key, and the one after the last. Two looks: SQLite reads the whole table for both in one."""
    keys = Job.objects.values_list("pk", flat=True)
    first, last = keys.order_by("pk").first(), keys.order_by("-pk").first()
    return first or 1, (last or 0) + 1
