"""What a job may ask and say about itself while it runs, and what others may read of it.

An async task calls these through `sync_to_async`; the attempt is known there too.
"""

from contextvars import ContextVar
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.functions import Now

from queue_table.exceptions import Cancelled, LostClaim, QueueError
from queue_table.guards import standing
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.querysets import Claimed
from queue_table.traces import storable

CURRENT: ContextVar[Claimed | None] = ContextVar("order_queue_attempt", default=None)
"""The attempt that this context performs. The worker sets it; whoever else does, speaks for a row it holds."""

NOTE_KEPT = 500
LARGEST = 1e15  # what any JSON keeps to the last digit


class Attempt(NamedTuple):
    """A job's number, and which attempt this is, from 1."""

    id: int
    attempt: int


class Progress(NamedTuple):
    """How far a job is: `done` of `total`, where that is known, and a note for people."""

    done: float
    total: float | None
    note: str


def current() -> Attempt | None:
    """The attempt in which this code runs; None outside of any job."""
    claim = CURRENT.get()
    return None if claim is None else Attempt(claim.pk, claim.attempts)


def report_progress(done: float, total: float | None = None, note: str = "") -> None:
    """Writes how far the running job is, for others to read at once; of the note the first 500 letters.

    Raises LostClaim if the row is no longer ours, ValueError for what is no number.
    Inside a transaction nobody could read it before the end, and the row's lock would keep the worker from renewing
    its leases: there it only looks whether the row is still ours.
    """
    _check_number("done", done)
    if total is not None:
        _check_number("total", total)
    if _in_transaction():
        _look("pk")
    elif not _ours().update(progress=Progress(done, total, storable(note[:NOTE_KEPT]))._asdict(), updated_at=Now()):
        raise _lost()


def _check_number(name: str, number: object) -> None:
    if not isinstance(number, int | float) or not -LARGEST <= number <= LARGEST:  # nor is NaN
        raise ValueError(f"{name} must be a number from {-LARGEST:g} to {LARGEST:g}")


def progress_of(job_id: int) -> Progress | None:
    """What the job with this number last reported; None if nothing, or if there is no such row (any more)."""
    reported = Job.objects.filter(pk=job_id).values_list("progress", flat=True).first()
    return Progress(**reported) if reported else None


def check_cancelled() -> None:
    """Raises Cancelled if somebody asked for the running job's end, LostClaim if the row is no longer ours.

    For long tasks to call now and then, where they can stop.
    """
    if _look("cancel_requested_at") is not None:
        raise Cancelled("cancelled while it ran")


def _look(column: str) -> Any:
    rows = _ours().values_list(column, flat=True)[:1]
    for value in rows:
        return value
    raise _lost()


def _ours() -> Any:
    claim = _claim()
    return standing(Job.objects.filter(pk=claim.pk, claim_token=claim.claim_token), "status", {Status.CLAIMED})


def _claim() -> Claimed:
    claim = CURRENT.get()
    if claim is None:
        raise QueueError("no job is running here")
    return claim


def _lost() -> LostClaim:
    return LostClaim(f"job {_claim().pk} is no longer ours")


def _in_transaction() -> bool:
    """In one that the program opened: the one that a TestCase wraps around each test hides nothing from the test."""
    blocks = transaction.get_connection(DEFAULT_DB_ALIAS).atomic_blocks
    return not all(block._from_testcase for block in blocks)
