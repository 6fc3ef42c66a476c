"""Rows under a limit key are admitted to the claim's index as far as the key's limits allow.

Places are counted, never kept in a column: a row of the key that is available or claimed holds one, whatever became of
whoever put it there, so no crash can leak one. All who admit rows of one key meet at its row in QueueLimit, the key's
gate, which one of them locks at a time; so never more rows of the key are available and claimed than its limit.
"""

import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now

from queue_table import bell, clock
from queue_table.guards import standing
from queue_table.lifecycle import Stage
from queue_table.limit_keys import limit_of
from queue_table.limit_lanes import Turn, avoided_lanes, in_search, is_known, is_stalled, put_back, turns
from queue_table.limit_survey import Standing, blocked_keys, survey
from queue_table.models import Job, QueueLimit
from queue_table.rates import Rate

KEYS_AT_ONCE = 200
ROWS_AT_ONCE = 1000


class Round:
    """Where the last look ended: the next one goes on there, so that each key has its turn, however many there are."""

    last = ""
    more_in: float | None = None  # seconds after which to look again, if that is known

    def note_wait(self, seconds: float) -> None:
        self.more_in = seconds if self.more_in is None else min(self.more_in, seconds)


class Room(NamedTuple):
    """A key whose limit leaves room, as far as can be seen."""

    seen: Standing
    turn: Turn
    rate: Rate | None
    places: int


_round = Round()


def admit(limit: int = KEYS_AT_ONCE) -> int:
    """Makes blocked rows available where their keys' limits allow, for up to `limit` keys; returns how many rows.

    Costs one look into an index when nothing is blocked. Any number may do it at once.
    """
    keys = _next_keys(limit)
    _round.more_in = None
    admitted = _admit(keys) if keys else 0
    if admitted and (_round.last or admitted >= ROWS_AT_ONCE):
        _round.more_in = 0.0
    return admitted


def _next_keys(limit: int) -> list[str]:
    """From where the last look ended, and round from the start."""
    began_at = _round.last
    keys = blocked_keys(began_at, limit)
    if began_at and len(keys) < limit:
        keys += [key for key in blocked_keys("", limit - len(keys)) if key <= began_at]
    _round.last = keys[-1] if len(keys) == limit else ""
    return keys


def more_in() -> float | None:
    """After how many seconds there is more to `admit`: 0 if a full portion was; None if nobody knows."""
    return _round.more_in


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
    worth_it = [one.key for one in seen if _room(one) or is_stalled(one)]
    if not worth_it:
        return 0  # the usual case takes no lock
    with transaction.atomic():
        return _admit_alone(worth_it)


def _room(seen: Standing) -> Room | None:
    """None: nothing to admit, or no place; or nobody here knows the tasks, and by which numbers to go."""
    if seen.task is None:
        return None
    if is_known(seen.task):
        room = _room_for(seen, Turn(seen.first, seen.task))
        if room is None or not (seen.paused or seen.avoided):
            return room
    turn = _first_turn(seen)
    return turn and _room_for(seen, turn)


def _first_turn(seen: Standing) -> Turn | None:
    """Where the first row of all is none that may be admitted."""
    began = time.monotonic()
    if not in_search.is_over(seen.key):
        return None
    for turn in turns(seen.key, 1, avoided_lanes(seen)):
        return turn
    in_search.note(seen.key, began)
    return None


def _room_for(seen: Standing, turn: Turn) -> Room | None:
    limit = limit_of(seen.key, turn.task)
    places = ROWS_AT_ONCE if limit.concurrency is None else limit.concurrency - seen.ready - seen.claimed
    places = min(places, 1) if seen.is_only_one else places
    if limit.rate is not None:  # what waits for a worker is a part of the burst
        places = min(places, limit.rate.burst - seen.ready)
        if places > 0 and 0 < seen.wait <= limit.rate.longest_wait:
            _round.note_wait(seen.wait)
            return None
    return Room(seen, turn, limit.rate, places) if places > 0 else None


def _admit_alone(keys: list[str]) -> int:
    # What somebody else has locked he admits just now. (SQLite: the transaction holds the only write lock.)
    gates = QueueLimit.objects.select_for_update(skip_locked=True).filter(pk__in=keys).order_by("pk")
    locked = {gate.pk: gate for gate in gates.annotate(now=Now())}
    chosen: list[int] = []
    for seen in _survey_after_putting_back(sorted(locked)):
        if room := _room(seen):
            places = min(room.places, ROWS_AT_ONCE - len(chosen))
            chosen += _choose(room, places) if room.rate is None else _let_pass(locked[seen.key], room, places)
    return _make_available(chosen) if chosen else 0


def _survey_after_putting_back(keys: Sequence[str]) -> list[Standing]:
    seen = survey(keys) if keys else []
    changed = [one.key for one in seen if one.stalled and put_back(one)]
    return [one for one in seen if one.key not in changed] + (survey(changed) if changed else [])


def _let_pass(gate: Any, room: Room, places: int) -> list[int]:
    """The rows that the key's rate allows by now: their time is counted as used."""
    rate: Any = room.rate
    next_at = min(gate.next_at, gate.now + timedelta(seconds=rate.longest_wait))
    rows = _choose(room, min(places, rate.earned(next_at, gate.now)))
    if rows:
        next_at = rate.after(len(rows), next_at, gate.now)
    QueueLimit.objects.filter(pk=gate.pk).update(next_at=next_at)
    return rows


def _choose(room: Room, places: int) -> list[int]:
    if places <= 1:
        return [room.turn.pk] * places
    return [turn.pk for turn in turns(room.seen.key, places, avoided_lanes(room.seen))]


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
