"""The table where the order system and the delivery system meet."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queue_table.columns import KeyField
from queue_table.indexes import PartialIndex, UniqueWhereSet
from queue_table.lifecycle import FINISHED, Stage, Status
from queue_table.querysets import JobQuerySet

ERRORS_KEPT = 10
TRACEBACK_KEPT = 4000


class Job(models.Model):
    """One run of one task. Executed at least once; the effect of an atomic task is once."""

    order_id = models.BigIntegerField(null=True, blank=True)
    user_info = models.CharField(max_length=255, blank=True, help_text=_("A customer reference, no personal data."))
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(choices=Status, default=Status.READY)
    stage = models.PositiveSmallIntegerField(choices=Stage, default=Stage.AVAILABLE, db_default=Stage.AVAILABLE)

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
    # Null, not "": rows without a key are no entry in the key's index.
    dedupe_key = KeyField(max_length=190, null=True, blank=True)
    limit_key = KeyField(max_length=190, null=True, blank=True)
    # A failed row's key: out of the key's index, where each admission would read past all that ever failed.
    kept_limit_key = KeyField(max_length=190, null=True, blank=True)
    batch_id = models.BigIntegerField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    errors = models.JSONField(default=list, blank=True)
    result = models.JSONField(null=True, blank=True)
    progress = models.JSONField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "order_queue"
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [
            PartialIndex(
                fields=["queue", "-priority", "id"],
                condition=Q(status=0, stage=0),
                elsewhere=["status", "stage", "queue", "-priority", "id"],
                name="order_queue_claim",
            ),
            PartialIndex(  # elsewhere the claim's index leads to the few claimed rows
                fields=["lease_expires_at"], condition=Q(status=2), elsewhere=[], name="order_queue_lease"
            ),
            PartialIndex(fields=["id"], condition=Q(status=3), elsewhere=[], name="order_queue_failed"),
            # The columns of these do not change while a plain row goes from 0 to 2 to 1.
            PartialIndex(
                fields=["available_at", "queue"],
                condition=Q(stage=1),
                elsewhere=["stage", "available_at", "queue"],
                name="order_queue_scheduled",
            ),
            PartialIndex(
                fields=["stage", "limit_key", "-priority", "id"],
                condition=Q(limit_key__isnull=False),
                name="order_queue_limit_key",
            ),
            PartialIndex(fields=["batch_id", "id"], condition=Q(batch_id__isnull=False), name="order_queue_in_batch"),
            PartialIndex(fields=["order_id"], condition=Q(order_id__isnull=False), name="order_queue_order"),
        ]
        constraints = [
            UniqueWhereSet(field="dedupe_key", name="order_queue_dedupe"),
            models.CheckConstraint(
                condition=Q(stage=0) | Q(stage__in=list(Stage), status=0), name="order_queue_stage_while_ready"
            ),
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
            "worker": self.claimed_by,
            "exception": exception,
            "traceback": traceback[-TRACEBACK_KEPT:],
        }
        self.errors = [*self.errors, entry][-ERRORS_KEPT:]


class QueueLimit(models.Model):
    """Where the admissions under one limit key meet: its row is locked by who admits."""

    key = KeyField(max_length=190, primary_key=True)
    next_at = models.DateTimeField(db_default=Now(), help_text=_("The rate limit admits nothing before."))
    avoided = models.JSONField(null=True)  # by limit_lanes.py

    class Meta:
        db_table = "order_queue_limit"

    def __str__(self) -> str:
        return str(self.key)


class PausedQueue(models.Model):
    """A queue from which nothing is claimed until the row is gone."""

    queue = models.CharField(max_length=64, primary_key=True)
    paused_at = models.DateTimeField(db_default=Now())
    paused_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "order_queue_paused"
        verbose_name, verbose_name_plural = _("paused queue"), _("paused queues")

    def __str__(self) -> str:
        return self.queue


class JobBatch(models.Model):
    """Jobs that belong together; when the last is finished, `on_done` is enqueued, once."""

    on_done = models.CharField(
        max_length=255, blank=True, help_text=_("Dotted path of the task; it gets the batch's id.")
    )
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "order_queue_batch"
        indexes = [
            PartialIndex(
                fields=["id"],
                condition=Q(finished_at__isnull=True),
                elsewhere=["finished_at"],
                name="order_queue_open_batch",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.on_done}"


class Tally(models.Model):
    """What one worker did in one queue in one minute. Counted beside the rows, so approximate after a crash."""

    minute = models.DateTimeField()
    queue = models.CharField(max_length=64)
    worker = models.CharField(max_length=128)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    retried = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "order_queue_tally"
        constraints = [models.UniqueConstraint(fields=["minute", "queue", "worker"], name="order_queue_tally_once")]

    def __str__(self) -> str:
        return f"{self.minute} {self.queue}"
