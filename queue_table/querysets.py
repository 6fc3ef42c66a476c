"""The moves of a row: claim, renew, complete, retry, snooze, give back, fail, rescue, run again.

Each is one guarded UPDATE. A row that is claimed changes only by the hand that holds its token: every other hand
changes 0 rows and is told by LostClaim. All moments but a task's own `Snooze(until)` are the database's clock.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from queue_table.exceptions import LostClaim
from queue_table.guards import standing
from queue_table.lifecycle import SOURCES, Status

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
            self._from(Status.CLAIMED).filter(pk__in=keys).update(
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

    def renew(self, jobs: Collection["Job"], lease: timedelta) -> set[int]:
        """Pushes the leases of the rows that are still ours; returns their keys."""
        keys, tokens = [job.pk for job in jobs], {job.claim_token for job in jobs}
        ours = standing(self, "status", {Status.CLAIMED}).filter(pk__in=keys, claim_token__in=tokens)
        renewed = ours.update(lease_expires_at=Now() + lease, updated_at=Now())
        return set(keys) if renewed == len(keys) else set(ours.values_list("pk", flat=True))

    def complete(self, job: "Job") -> None:
        self._settle(job, Status.DONE, result=job.result, finished_at=Now())

    def retry(self, job: "Job", delay: timedelta) -> None:
        self._settle(job, Status.READY, available_at=Now() + delay, errors=job.errors)

    def snooze(self, job: "Job", until: datetime) -> None:
        self._settle(job, Status.READY, available_at=until, attempts=job.attempts - 1)

    def give_back(self, job: "Job") -> None:
        """Returns a row that was not begun, as if it had never been claimed."""
        self._settle(job, Status.READY, attempts=job.attempts - 1)

    def fail(self, job: "Job") -> None:
        self._settle(job, Status.FAILED, errors=job.errors, finished_at=Now())

    def _settle(self, job: "Job", target: Status, **changes: Any) -> None:
        ours = self._from(target).filter(pk=job.pk, claim_token=job.claim_token)
        if not ours.update(**UNCLAIMED, **changes, status=target):
            raise LostClaim(f"job {job.pk} is no longer ours")

    def _from(self, target: Status) -> QuerySet["Job"]:
        return standing(self.model.objects.all(), "status", SOURCES[target])

    def expired(self) -> Self:
        """Rows whose worker has not renewed its lease: dead, frozen, or cut off."""
        return self.filter(status=Status.CLAIMED, lease_expires_at__lt=Now())

    def rescue(self, job: "Job", *, began: bool) -> bool:
        """Takes an expired row from its worker; False if the worker renewed it meanwhile.

        The attempt of a row that never `began` is given back. Else the row is ready again, or failed when out of
        attempts.
        """
        target = Status.FAILED if began and job.is_last_attempt else Status.READY
        changes = {"finished_at": Now()} if target is Status.FAILED else {"attempts": job.attempts - (not began)}
        ours = self._from(target).filter(pk=job.pk, claim_token=job.claim_token, lease_expires_at__lt=Now())
        return bool(ours.update(**UNCLAIMED, **changes, status=target, errors=job.errors))

    def run_again(self) -> int:
        """Staff's door: failed rows become ready with their attempts given back. Returns how many."""
        failed = self.filter(status=Status.FAILED)
        return failed.update(**UNCLAIMED, status=Status.READY, attempts=0, available_at=Now(), finished_at=None)
