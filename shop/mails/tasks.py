"""The mails' jobs."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from queue_table import clock
from queue_table.tasks_api import task
from shop.mails.models import Mail


@task(max_attempts=8)
def deliver_mail(*, mail_id: int) -> None:
    """Hands a mail to the mail server. A worker that dies between the two may send it twice, under one Message-ID."""
    mail = Mail.objects.filter(pk=mail_id, sent_at=None).first()
    if mail is None:
        return
    headers = {"Message-ID": f"<mail-{mail.pk}-{mail.created_at:%Y%m%d%H%M%S}@{settings.SHOP_HOST}>"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.send()
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now())


@task
def prune_mails() -> None:
    """The duty: forgets mails that are older than MAIL_KEEP_DAYS, sent or not."""
    Mail.objects.filter(created_at__lt=clock.now() - timedelta(days=settings.MAIL_KEEP_DAYS)).delete()
