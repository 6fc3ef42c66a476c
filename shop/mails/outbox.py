"""The door for mails: written in the transaction of their cause, sent by the queue. A mail server that is down delays
mails and nothing else."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from queue_table.outbox import enqueue_once
from shop.mails.models import Mail
from shop.mails.tasks import deliver_mail


def send_later(
    template: str,
    *,
    to: str,
    context: Mapping[str, Any],
    language: str,
    order_id: int | None = None,
    customer: str = "",
) -> None:
    """Writes the mail of `mails/<template>.subject.txt`, `.txt` and `.html` in `language`; the queue sends it.

    The templates also know `shop_name`, `shop_url`, `shop_address` and `language`; those of plain text turn autoescape
    off themselves.
    Should be called in the transaction of the mail's cause. Of a mail about an order, its row in the queue names the
    order and its customer's reference.
    """
    known = {
        "shop_name": settings.SHOP_NAME,
        "shop_url": settings.SHOP_URL,
        "shop_address": settings.SHOP_ADDRESS,
        "language": language,
        **context,
    }
    with translation.override(language):
        parts = [render_to_string(f"mails/{template}{end}", known) for end in (".subject.txt", ".txt", ".html")]
    _put(to, *parts, order_id=order_id, user_info=customer)


def post(message: EmailMessage) -> None:
    """Takes a finished mail (a library's) to each of its receivers; the queue sends it."""
    html = next((str(part[0]) for part in getattr(message, "alternatives", []) if part[1] == "text/html"), "")
    for to in message.to:
        _put(to, str(message.subject), str(message.body), html)


@transaction.atomic
def _put(to: str, subject: str, text: str, html: str, **about: Any) -> None:
    mail = Mail.objects.create(to=to, subject=" ".join(subject.split())[:250], text=text, html=html)
    enqueue_once(deliver_mail, f"mail:{mail.pk}", kind="mail.written", kwargs={"mail_id": mail.pk}, **about)
