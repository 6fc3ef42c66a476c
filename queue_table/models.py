"""The table where the order system and the delivery system meet."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queue_table.indexes import PartialIndex
from queue_table.lifecycle import FINISHED, Status
from queue_table.querysets import JobQuerySet

ERRORS_KEPT = 10
TRACEBACK_KEPT = 4000


class Job(models.Model):
    """One run of one task. Executed at least once; the effect of an atomic task is once."""

    order_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    user_info = models.CharField(max_length=255, blank=True, help_text=_("A customer reference, no personal data."))
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(choices=Status, default=Status.READY)

    kind = models.CharField(max_length=64, default="task")
    task = models.CharField(max_length=255)
    queue = models.CharField(max_length=64, default="default")
    payload = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=0)
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)

    claim_token = models.UUIDField(null=True, blank=True)
    claimed_by = models.CharField(max_length=128, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=190, null=True, blank=True, unique=True)
    errors = models.JSONField(default=list, blank=True)
    result = models.JSONField(null=True, blank=True)
    progress = models.JSONField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "order_queue"
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [
            PartialIndex(fields=["-priority", "id"], condition=Q(status=0), name="order_queue_claim"),
            PartialIndex(fields=["lease_expires_at"], condition=Q(status=2), name="order_queue_lease"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=list(Status)), name="order_queue_status"),
            models.CheckConstraint(
                condition=Q(status=2, claim_token__isnull=False) | (~Q(status=2) & Q(claim_token__isnull=True)),
                name="order_queue_token_while_claimed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=list(FINISHED), finished_at__isnull=False)
                | (~Q(status__in=list(FINISHED)) & Q(finished_at__isnull=True)),
                name="order_queue_finished_when_over",
            ),
            # A ready row without an attempt left would make every claim that meets it fail.
            models.CheckConstraint(
                condition=Q(attempts__lt=models.F("max_attempts"))
                | (~Q(status=0) & Q(attempts=models.F("max_attempts"))),
                name="order_queue_attempts",
            ),
            models.CheckConstraint(condition=Q(priority__gte=-100, priority__lte=100), name="order_queue_priority"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts

    def note_error(self, exception: str, traceback: str) -> None:
        """Adds this attempt's error to those kept; the caller settles the row."""
        entry: dict[str, Any] = {
            "attempt": self.attempts,
            "at": timezone.now().isoformat(),
            "exception": exception,
            "traceback": traceback[-TRACEBACK_KEPT:],
        }
        self.errors = [*self.errors, entry][-ERRORS_KEPT:]
