"""Rows under a limit key are admitted to the claim's index as far as the key's limits allow.

Places are counted, never kept in a column: a row of the key that is available or claimed holds one, whatever became of
whoever put it there, so no crash can leak one. All who admit rows of one key meet at its row in QueueLimit, the key's
gate, which one of them locks at a time; so never more rows of the key are available and claimed than its limit.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from math import floor
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now

from queue_table import bell, clock
from queue_table.exceptions import UnknownTask
from queue_table.guards import standing
from queue_table.lifecycle import Stage
from queue_table.limit_keys import limit_of
from queue_table.limit_survey import Standing, blocked_keys, survey
from queue_table.models import Job, QueueLimit
from queue_table.rates import Rate

KEYS_AT_ONCE = 200
ROWS_AT_ONCE = 1000
A_MICROSECOND = timedelta(microseconds=1)  # the precision of the clocks


class Round:
    """Where the last look ended: the next one goes on there, so that each key has its turn, however many there are."""

    last = ""


class Room(NamedTuple):
    """A key whose limit leaves room, as far as can be seen."""

    seen: Standing
    rate: Rate | None
    places: int


_round = Round()


def admit(limit: int = KEYS_AT_ONCE) -> int:
    """Makes blocked rows available where their keys' limits allow, for up to `limit` keys; returns how many rows.

    Costs one look into an index when nothing is blocked. Any number may do it at once.
    """
    keys = blocked_keys(_round.last, limit)
    _round.last = keys[-1] if len(keys) == limit else ""
    return _admit(keys) if keys else 0


def admit_key(key: str) -> int:
    """The same for one key, at once: for who has just freed a place under it."""
    return _admit([key])


def seconds_to_next() -> float | None:
    """How long until a rate lets the next blocked row pass; None if no row waits for that alone.

    For a run that would end because nothing is due: a little later something is.
    """
    waiting = QueueLimit.objects.filter(pk__in=blocked_keys("", KEYS_AT_ONCE), next_at__gt=Now())
    next_at = waiting.aggregate(first=Min("next_at"))["first"]
    return None if next_at is None else max(0.0, (next_at - clock.now()).total_seconds())


def _admit(keys: Sequence[str]) -> int:
    seen = survey(keys)
    if missing := set(keys) - {one.key for one in seen}:
        QueueLimit.objects.bulk_create([QueueLimit(key=key) for key in sorted(missing)], ignore_conflicts=True)
        seen += survey(sorted(missing))
    if not (rooms := _rooms(one for one in seen if one.is_time)):
        return 0  # the usual case takes no lock
    with transaction.atomic():
        return _admit_alone([room.seen.key for room in rooms])


def _rooms(seen: Iterable[Standing]) -> list[Room]:
    return [room for one in seen if (room := _room(one)) and room.places > 0]


def _room(seen: Standing) -> Room | None:
    """None: there is nothing to admit, or nobody here knows the first row's task, and by which numbers to go."""
    if seen.task is None:
        return None
    try:
        limit = limit_of(seen.key, seen.task)
    except UnknownTask:
        return None
    places = ROWS_AT_ONCE if limit.concurrency is None else limit.concurrency - seen.ready - seen.claimed
    if limit.rate is not None:  # what waits for a worker is a part of the burst
        places = min(places, limit.rate.burst - seen.ready)
    return Room(seen, limit.rate, places)


def _admit_alone(keys: list[str]) -> int:
    # What somebody else has locked he admits just now. (SQLite: the transaction holds the only write lock.)
    gates = QueueLimit.objects.select_for_update(skip_locked=True).filter(pk__in=keys).order_by("pk")
    locked = {gate.pk: gate for gate in gates.annotate(now=Now())}
    chosen: list[int] = []
    for room in _rooms(survey(sorted(locked)) if locked else ()):
        places = min(room.places, ROWS_AT_ONCE - len(chosen))
        chosen += _choose(room.seen, places) if room.rate is None else _let_pass(locked[room.seen.key], room, places)
    return _make_available(chosen) if chosen else 0


def _let_pass(gate: Any, room: Room, places: int) -> list[int]:
    """The rows that the key's rate allows by now, one each interval since the last: their time is counted as used."""
    rate: Any = room.rate
    begin = max(gate.next_at, gate.now - timedelta(seconds=rate.credit))
    earned = floor((gate.now - begin + A_MICROSECOND).total_seconds() / rate.interval) + 1
    rows = _choose(room.seen, min(places, earned))
    QueueLimit.objects.filter(pk=gate.pk).update(next_at=begin + timedelta(seconds=len(rows) * rate.interval))
    return rows


def _choose(seen: Standing, places: int) -> list[int]:
    if places <= 1:
        return [seen.first] * places
    blocked = Job.objects.filter(limit_key=seen.key, stage=Stage.BLOCKED).in_claim_order()
    return list(blocked.values_list("pk", flat=True)[:places])


def _make_available(rows: Collection[int]) -> int:
    still = standing(Job.objects.filter(pk__in=rows), "stage", {Stage.BLOCKED})
    admitted = still.update(stage=Stage.AVAILABLE, updated_at=Now())
    bell.ring()
    return admitted


def forget_unused_keys(older_than: timedelta, limit: int = 1000) -> int:
    """Deletes up to `limit` gates whose rates had nothing to do for so long; returns how many. They come again."""
    with transaction.atomic():
        unused = QueueLimit.objects.select_for_update(skip_locked=True).filter(next_at__lt=Now() - older_than)
        keys = list(unused.order_by("pk").values_list("pk", flat=True)[:limit])
        return QueueLimit.objects.filter(pk__in=keys).delete()[0]
