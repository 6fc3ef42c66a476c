"""The moves of a row: claim, renew, complete, retry, snooze, give back, fail, rescue, run again.

Each is one guarded UPDATE. A row that is claimed changes only by the hand that holds its token: every other hand
changes 0 rows and is told by LostClaim. All moments are the database's clock.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Now

from queue_table.exceptions import LostClaim
from queue_table.lifecycle import Status

if TYPE_CHECKING:
    from queue_table.models import Job

UNCLAIMED: dict[str, Any] = {"claim_token": None, "lease_expires_at": None, "updated_at": Now()}


class JobQuerySet(models.QuerySet["Job"]):
    def due(self) -> Self:
        return self.filter(status=Status.READY, available_at__lte=Now())

    def in_claim_order(self) -> Self:
        return self.order_by("-priority", "id")

    def claim(
        self, worker: str, limit: int, lease: timedelta, *, queues: Sequence[str] = (), unknown: Collection[str] = ()
    ) -> list["Job"]:
        """Takes up to `limit` due rows for `worker`, each counted as an attempt. No two callers get the same row."""
        token = uuid4()
        due = self.due().exclude(task__in=unknown)
        if queues:
            due = due.filter(queue__in=queues)
        with transaction.atomic(using=self.db):
            # SKIP LOCKED where there is such a thing; on SQLite the transaction holds the only write lock.
            rows = due.in_claim_order().select_for_update(skip_locked=True).values_list("pk", flat=True)
            keys = list(rows[:limit])
            self.model.objects.standing(Status.READY).filter(pk__in=keys).update(
                status=Status.CLAIMED,
                attempts=F("attempts") + 1,
                claim_token=token,
                claimed_by=worker,
                claimed_at=Now(),
                lease_expires_at=Now() + lease,
                updated_at=Now(),
            )
        # Read back by token: a key that another hand changed meanwhile is not ours.
        return list(self.model.objects.filter(pk__in=keys, claim_token=token).in_claim_order()) if keys else []

    def renew(self, jobs: Collection["Job"], lease: timedelta) -> int:
        """Pushes the leases of the rows that are still ours; returns how many those are."""
        tokens = {job.claim_token for job in jobs}
        ours = self.standing(Status.CLAIMED).filter(pk__in=[job.pk for job in jobs], claim_token__in=tokens)
        return ours.update(lease_expires_at=Now() + lease, updated_at=Now())

    def complete(self, job: "Job") -> None:
        self._settle(job, status=Status.DONE, result=job.result, finished_at=Now())

    def retry(self, job: "Job", delay: timedelta) -> None:
        self._settle(job, status=Status.READY, available_at=Now() + delay, errors=job.errors)

    def snooze(self, job: "Job", until: datetime) -> None:
        self._settle(job, status=Status.READY, available_at=until, attempts=job.attempts - 1)

    def give_back(self, job: "Job") -> None:
        """Returns a row that was not begun, as if it had never been claimed."""
        self._settle(job, status=Status.READY, attempts=job.attempts - 1)

    def fail(self, job: "Job") -> None:
        self._settle(job, status=Status.FAILED, errors=job.errors, finished_at=Now())

    def _settle(self, job: "Job", **changes: Any) -> None:
        ours = self.standing(Status.CLAIMED).filter(pk=job.pk, claim_token=job.claim_token)
        if not ours.update(**UNCLAIMED, **changes):
            raise LostClaim(f"job {job.pk} is no longer ours")

    def standing(self, status: Status) -> Self:
        """Rows in this status, for a guard beside a key. The column is wrapped so that no index serves it: MariaDB
        would come to the row by that index, lock it before the row itself, and deadlock with who came by the key.
        """
        return self.alias(standing=Coalesce("status", Value(-1))).filter(standing=status)

    def expired(self) -> Self:
        """Rows whose worker has not renewed its lease: dead, frozen, or cut off."""
        return self.filter(status=Status.CLAIMED, lease_expires_at__lt=Now())

    def rescue(self, job: "Job") -> bool:
        """Takes an expired row from its worker: ready again, or failed when out of attempts. False if renewed."""
        ready = job.attempts < job.max_attempts
        ending = {"status": Status.READY} if ready else {"status": Status.FAILED, "finished_at": Now()}
        ours = self.standing(Status.CLAIMED).filter(pk=job.pk, claim_token=job.claim_token)
        still_expired = ours.filter(lease_expires_at__lt=Now())
        return bool(still_expired.update(**UNCLAIMED, **ending, errors=job.errors))

    def run_again(self) -> int:
        """Staff's door: failed rows become ready with their attempts given back. Returns how many."""
        return self.filter(status=Status.FAILED).update(
            **UNCLAIMED, status=Status.READY, attempts=0, available_at=Now(), finished_at=None
        )
