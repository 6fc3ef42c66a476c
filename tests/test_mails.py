"""Mails are written with their cause and sent by the queue."""

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import engines
from django.test import override_settings

from queue_table.models import Job
from shop.mails.models import Mail
from shop.mails.outbox import post, send_later
from tests.shopping import run_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
WORDS = {
    "mails/hello.subject.txt": "{% autoescape off %}Hello\nfrom {{ shop_name }}{% endautoescape %}",
    "mails/hello.txt": "{% load i18n %}{% autoescape off %}{% translate 'Cart' %}: {{ what }}{% endautoescape %}",
    "mails/hello.html": "<p>{{ what }}</p>",
}


@pytest.fixture(autouse=True)
def _templates(monkeypatch: pytest.MonkeyPatch) -> None:
    def render(name: str, context: dict[str, object]) -> str:
        return engines["django"].from_string(WORDS[name]).render(context)

    monkeypatch.setattr("shop.mails.outbox.render_to_string", render)


def test_a_mail_waits_for_the_queue_and_goes_out_once_in_the_receivers_language() -> None:
    send_later("hello", to="ada@example.org", context={"what": "<tea>"}, language="zh-hans")
    assert mail.outbox == []
    run_queue()
    run_queue()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ada@example.org"], "Hello from Lantern & Thread")
    assert sent.body == "购物车: <tea>"
    assert sent.alternatives[0][0] == "<p>&lt;tea&gt;</p>"
    assert Mail.objects.filter(sent_at=None).count() == 0


def test_a_cause_that_rolls_back_leaves_no_mail() -> None:
    with transaction.atomic():
        send_later("hello", to="ada@example.org", context={}, language="en")
        transaction.set_rollback(True)
    run_queue()
    assert (mail.outbox, Mail.objects.count()) == ([], 0)


def test_the_queue_knows_neither_address_nor_text() -> None:
    send_later("hello", to="ada@example.org", context={"what": "secret"}, language="en")
    row = str(Job.objects.filter(kind="mail.written").values().get())
    assert "ada" not in row
    assert "secret" not in row


def test_a_mail_server_that_is_down_costs_a_delay_and_no_mail() -> None:
    send_later("hello", to="ada@example.org", context={}, language="en")
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_PORT=1):
        run_queue()
    assert Mail.objects.filter(sent_at=None).count() == 1
    Job.objects.update(available_at="2000-01-01T00:00:00Z")
    run_queue()
    assert len(mail.outbox) == 1


def test_a_librarys_finished_mail_goes_the_same_way() -> None:
    message = EmailMultiAlternatives("Confirm", "Plain", to=["ada@example.org"])
    message.attach_alternative("<b>Rich</b>", "text/html")
    post(message)
    run_queue()
    assert (mail.outbox[0].subject, mail.outbox[0].alternatives[0][0]) == ("Confirm", "<b>Rich</b>")
