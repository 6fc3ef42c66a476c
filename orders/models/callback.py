"""What gateways told us, word for word."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.lifecycle import CallbackStatus


class PaymentCallback(models.Model):
    """A verified callback, stored before anything else happens and applied by a job.

    `key` is a digest of the gateway and its event id, so that one event is one row in each database, whatever it takes
    for the same letter; a known id with another body has the body in it too.
    """

    gateway = models.CharField(_("gateway"), max_length=20)
    event_id = models.CharField(_("event"), max_length=100)
    reference = models.CharField(_("payment's reference"), max_length=64, blank=True, db_index=True)
    key = models.CharField(max_length=64, unique=True, editable=False)
    body = models.BinaryField(_("body"))
    status = models.CharField(_("status"), max_length=10, choices=CallbackStatus, default=CallbackStatus.RECEIVED)
    note = models.CharField(_("note"), max_length=250, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("payment callback"), _("payment callbacks")
        constraints = [models.CheckConstraint(condition=Q(status__in=CallbackStatus.values), name="callback_status")]

    def __str__(self) -> str:
        return f"{self.gateway}: {self.event_id}"
