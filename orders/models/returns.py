"""What customers send back."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import ReturnStatus
from orders.models.order import Order, OrderLine
from orders.querysets import ReturnQuerySet


class Return(models.Model):
    """What a customer wants to send back. Its status changes through `orders.returning` only."""

    class Reason(models.TextChoices):
        BROKEN = "broken", _("It is broken or came damaged")
        WRONG = "wrong", _("It is not what I ordered")
        NOT_AS_SHOWN = "not_as_shown", _("It is not as it was shown")
        UNWANTED = "unwanted", _("I don't want it any more")
        OTHER = "other", _("Something else")

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    status = models.CharField(_("status"), max_length=10, choices=ReturnStatus, default=ReturnStatus.REQUESTED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    words = models.TextField(_("in the customer's words"), max_length=1000, blank=True)
    note = models.CharField(_("our answer"), max_length=250, blank=True)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("return"), _("returns")
        constraints = [models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="return_status")]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """It waits for an answer: it may still be withdrawn."""
        return self.status == ReturnStatus.REQUESTED


class ReturnLine(models.Model):
    parent = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name, verbose_name_plural = _("line"), _("lines")
        constraints = [
            models.UniqueConstraint(fields=["parent", "line"], name="return_line_once_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="return_line_has_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.title}"
