"""The mails' jobs."""

import logging
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from queue_table import clock
from queue_table.exceptions import Discard
from queue_table.tasks_api import task
from shop.mails.exceptions import NotTaken
from shop.mails.models import Mail

logger = logging.getLogger(__name__)
REFUSED_FOR_GOOD = {550, 551, 553}  # of a receiver; other codes may be our own fault, such as a wrong EMAIL_USER


# With the queue's pauses more than a day: a mail server may be down for hours. One that hangs costs each try
# EMAIL_TIMEOUT, so everything else goes first.
@task(max_attempts=40, priority=-10)
def deliver_mail(*, mail_id: int) -> None:
    """Hands a mail to the mail server. A worker that dies between the two may send it twice, under one Message-ID.

    What the server says names the receiver, and errors are kept in the job's row and in the log, where no address may
    lie. So it raises NotTaken instead. A receiver that is refused for good is no fault of the shop's: the mail says so.
    """
    mail = Mail.objects.filter(pk=mail_id).first()
    if mail is None:
        raise Discard(f"mail {mail_id} was forgotten before it was sent")
    if mail.sent_at or mail.refused_at:
        return
    headers = {"Message-ID": f"<mail-{mail.pk}-{mail.created_at:%Y%m%d%H%M%S}@{settings.SHOP_HOST}>"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as refused:
        codes = sorted({code for code, _words in refused.recipients.values()})
        if not REFUSED_FOR_GOOD.issuperset(codes):
            raise NotTaken(f"mail {mail.pk}: the mail server refuses its receiver for now {codes}") from None
        logger.warning("mail %s: the mail server refuses its receiver for good %s", mail.pk, codes)
        Mail.objects.filter(pk=mail.pk).update(refused_at=clock.now())
        return
    except SMTPException as error:
        what = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
        raise NotTaken(f"mail {mail.pk}: the mail server did not take it ({what})") from None
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now())


@task
def prune_mails() -> None:
    """The duty: forgets mails that are older than MAIL_KEEP_DAYS, sent or not."""
    Mail.objects.filter(created_at__lt=clock.now() - timedelta(days=settings.MAIL_KEEP_DAYS)).delete()
