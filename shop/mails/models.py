"""Mails on their way. The text lies here, because no address and no link may lie in a row of the queue."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Mail(models.Model):
    """One mail to one person, as it was written. Gone after MAIL_KEEP_DAYS, sent or not.

    `refused_at` is set where the mail server refused its receiver for good: it is not tried again.
    """

    to = models.EmailField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mail"), _("mails")

    def __str__(self) -> str:
        return self.subject
