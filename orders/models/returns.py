"""What customers send back."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import ReturnStatus
from orders.models.order import Order, OrderLine
from orders.querysets import ReturnPhotoQuerySet, ReturnQuerySet


class Return(models.Model):
    """What a customer wants to send back. Its status changes through `orders.returning` only."""

    class Reason(models.TextChoices):
        BROKEN = "broken", _("It is broken or came damaged")
        WRONG = "wrong", _("It is not what I ordered")
        NOT_AS_SHOWN = "not_as_shown", _("It is not as it was shown")
        UNWANTED = "unwanted", _("I don't want it any more")
        OTHER = "other", _("Something else")
        WITHDRAWAL = "withdrawal", _("Withdrawal from the purchase")  # a right: no reason is asked, no leave is given

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    status = models.CharField(_("status"), max_length=10, choices=ReturnStatus, default=ReturnStatus.REQUESTED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    words = models.TextField(_("in the customer's words"), max_length=1000, blank=True)
    note = models.CharField(_("our answer"), max_length=250, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=64, blank=True)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("return"), _("returns")
        constraints = [models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="return_status")]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_status_display()}"

    @property
    def subject(self) -> str:
        """How the order log names it."""
        return f"return:{self.pk}"

    @property
    def is_open(self) -> bool:
        """It waits for an answer."""
        return self.status == ReturnStatus.REQUESTED

    @property
    def is_withdrawable(self) -> bool:
        """The customer still has the goods, and may keep them after all."""
        return self.status in {ReturnStatus.REQUESTED, ReturnStatus.APPROVED}


class ReturnLine(models.Model):
    parent = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    received = models.PositiveIntegerField(_("came back"), null=True, blank=True)
    restocked = models.BooleanField(_("back into stock"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("line"), _("lines")
        constraints = [
            models.UniqueConstraint(fields=["parent", "line"], name="return_line_once_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="return_line_has_pieces"),
            models.CheckConstraint(
                condition=Q(received__isnull=True) | Q(received__lte=F("quantity")), name="return_line_not_more_came"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.title}"


class ReturnPhoto(models.Model):
    """What the customer shows of the goods: WebP, made anew from what he sent.

    In the table and in no folder: it is there with its return or not at all, no address of a file leads to it, and it
    is gone with its row. Read through `shown` where the picture itself is not needed.
    """

    parent = models.ForeignKey(Return, models.CASCADE, related_name="photos")
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    taken_in_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ReturnPhotoQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("photo"), _("photos")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.width} x {self.height}"
