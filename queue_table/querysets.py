"""The moves of a row: renew, complete, retry, snooze, give back, fail, rescue, run again. (The claim: claims.py.)

Each is one guarded UPDATE. A row that is claimed changes only by the hand that holds its token: every other hand
changes 0 rows and is told by LostClaim. All moments but a task's own `Snooze(until)` are the database's clock.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, Self
from uuid import UUID

from django.db import connections, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import IsNull

from queue_table.exceptions import CancelRequested, LostClaim
from queue_table.guards import standing
from queue_table.lifecycle import SOURCES, Stage, Status
from queue_table.patience import patient
from queue_table.preparing import kept_cursor
from queue_table.vendors import completion, keyed

if TYPE_CHECKING:
    from queue_table.models import Job

UNCLAIMED: dict[str, Any] = {"claim_token": None, "lease_expires_at": None, "updated_at": Now()}
BEFORE_ITS_TURN = Case(When(Q(limit_key__isnull=False), then=Value(Stage.BLOCKED)), default=Value(Stage.AVAILABLE))
# In this order: MariaDB reads, from left to right, what it has just written.
OVER: dict[str, Any] = {"kept_limit_key": F("limit_key"), "limit_key": None, "finished_at": Now()}
OF_FAILED = Coalesce("kept_limit_key", "limit_key")  # the latter: failed by a worker that did not keep it apart yet
RETURNED: dict[str, Any] = {
    "stage": Case(When(IsNull(OF_FAILED, False), then=Value(Stage.BLOCKED)), default=Value(Stage.AVAILABLE)),
    "limit_key": OF_FAILED,
    "kept_limit_key": None,
}


class Claimed(Protocol):
    """A row in the hands of who holds its token."""

    @property
    def pk(self) -> int: ...
    @property
    def attempts(self) -> int: ...
    @property
    def claim_token(self) -> UUID | None: ...


class JobQuerySet(models.QuerySet["Job"]):
    def due(self) -> Self:
        return self.filter(status=Status.READY, stage=Stage.AVAILABLE)

    def in_claim_order(self) -> Self:
        return self.order_by("-priority", "id")

    @patient
    def renew(self, keys: Collection[int], token: UUID, lease: timedelta, *, waiting: bool = True) -> set[int]:
        """Pushes the leases of the rows that are still under this token; returns their keys.

        Without `waiting` a row that somebody has locked is passed over: who renews for many waits for nobody. A worker
        waits. Its parent may be renewing the same row, which is not lost for that; or a rescuer may be taking it.
        """
        ours = standing(self, "status", {Status.CLAIMED}).filter(pk__in=keys, claim_token=token)
        with transaction.atomic(using=self.db):
            locked = ours.select_for_update(skip_locked=not waiting).order_by("pk")
            free = list(locked.values_list("pk", flat=True))
            self.filter(pk__in=free).update(lease_expires_at=Now() + lease, updated_at=Now())
        return set(free)

    @patient
    def complete_all(self, keys: Collection[int], token: UUID) -> int:
        """Completes rows without a result in one statement; returns how many of them were still ours."""
        if not keys:
            return 0
        connection = connections[self.db]
        these, parameters = keyed(connection.vendor, list(keys))
        cursor = kept_cursor(connection)
        cursor.execute(completion(connection.vendor, these), [*parameters, token.hex])
        return int(cursor.rowcount)

    def complete(self, job: Claimed, result: Any = None) -> None:
        """Raises LostClaim if another hand has the row."""
        if result is not None:
            self._settle(job, Status.DONE, result=result, limit_key=None, finished_at=Now())
        elif job.claim_token is None or not self.complete_all([job.pk], job.claim_token):
            raise LostClaim(f"job {job.pk} is no longer ours")

    def retry(self, job: "Job", delay: timedelta) -> None:
        """Raises CancelRequested if staff asked for its end; so does `snooze`."""
        self._put_back(job, available_at=Now() + delay, errors=job.errors)

    def snooze(self, job: Claimed, until: datetime) -> None:
        self._put_back(job, available_at=until, attempts=job.attempts - 1)

    @patient
    def give_back(self, keys: Collection[int], token: UUID) -> int:
        """Returns rows that were not begun, as if they had never been claimed; how many of them were still ours."""
        ours = self._from(Status.READY).filter(pk__in=keys, claim_token=token)
        back = {"attempts": F("attempts") - 1, "stage": BEFORE_ITS_TURN}
        ready = ours.filter(cancel_requested_at__isnull=True).update(**UNCLAIMED, **back, status=Status.READY)
        # In this order: what is ours still was to be cancelled, maybe only since a moment.
        return ready if ready == len(keys) else ready + sum(map(self._fail_unbegun, ours))

    def _fail_unbegun(self, job: "Job") -> bool:
        job.note_error("queue_table.exceptions.Cancelled", "staff had asked for its end before it began")
        with suppress(LostClaim):
            self.fail(job)
            return True
        return False

    def fail(self, job: "Job") -> None:
        self._settle(job, Status.FAILED, errors=job.errors, **OVER)

    @patient
    def _put_back(self, job: Claimed, **changes: Any) -> None:
        wanted = self._from(Status.READY).filter(pk=job.pk, claim_token=job.claim_token)
        changes |= UNCLAIMED | {"status": Status.READY, "stage": Stage.SCHEDULED}
        if wanted.filter(cancel_requested_at__isnull=True).update(**changes):
            return
        if wanted.exists():
            raise CancelRequested(f"job {job.pk} was to be cancelled")
        raise LostClaim(f"job {job.pk} is no longer ours")

    @patient
    def _settle(self, job: Claimed, target: Status, **changes: Any) -> None:
        ours = self._from(target).filter(pk=job.pk, claim_token=job.claim_token)
        if not ours.update(**UNCLAIMED, **changes, status=target):
            raise LostClaim(f"job {job.pk} is no longer ours")

    def _from(self, target: Status) -> QuerySet["Job"]:
        return standing(self.model.objects.all(), "status", SOURCES[target])

    def expired(self) -> Self:
        """Rows whose worker has not renewed its lease: dead, frozen, or cut off."""
        return self.filter(status=Status.CLAIMED, lease_expires_at__lt=Now())

    @patient
    def rescue(self, job: "Job", *, counted: bool) -> bool:
        """Takes an expired row from its worker; False if the worker renewed it meanwhile, or has it locked.

        An attempt that is not `counted` is given back. Else the row waits for its next attempt, or has failed when it
        was the last. A row that staff wanted cancelled has failed in any case.
        """
        over = (counted and job.is_last_attempt) or job.cancel_requested_at is not None
        target = Status.FAILED if over else Status.READY
        ready = {"attempts": job.attempts - (not counted), "stage": BEFORE_ITS_TURN}
        changes: dict[str, Any] = OVER if over else ready
        ours = self._from(target).filter(pk=job.pk, claim_token=job.claim_token, lease_expires_at__lt=Now())
        ours = ours.filter(cancel_requested_at__isnull=job.cancel_requested_at is None)  # else the next time
        with transaction.atomic(using=self.db):
            # A worker that froze or was cut off within a transaction may keep its row locked for hours.
            free = bool(ours.select_for_update(skip_locked=True).values_list("pk"))
            return free and bool(ours.update(**UNCLAIMED, **changes, status=target, errors=job.errors))

    def run_again(self) -> int:
        """Staff's door: failed rows become ready with their attempts given back. Returns how many."""
        ready = {"status": Status.READY, "attempts": 0, "available_at": Now(), "finished_at": None}
        failed = standing(self, "status", {Status.FAILED})
        return failed.update(**UNCLAIMED, **ready, **RETURNED, cancel_requested_at=None)
