"""Mails are written with their cause and sent by the queue."""

import socketserver
import threading

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import engines
from django.test import Client, override_settings

from queue_table.lifecycle import Status
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


class RefusingServer(socketserver.StreamRequestHandler):
    """An SMTP server that knows no receiver, and says whom it was asked for."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            refused = line.upper().startswith(b"RCPT")
            self.wfile.write(self.server.refusal if refused else b"250 fine\r\n")  # type: ignore[attr-defined]


def run_queue_where_receivers_are_refused(refusal: bytes) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), RefusingServer) as server:
        server.refusal, server.daemon_threads = refusal, True  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        smtp = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1"}
        with override_settings(**smtp, EMAIL_PORT=server.server_address[1]):
            run_queue()
        server.shutdown()


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(b"550 <ada@example.org> is unknown\r\n", Status.DONE), (b"450 <ada@example.org> later\r\n", Status.READY)],
)
def test_a_receiver_that_is_refused_is_named_neither_in_the_row_nor_in_the_log(
    refusal: bytes, status: Status, caplog: pytest.LogCaptureFixture
) -> None:
    send_later("hello", to="ada@example.org", context={}, language="en")
    run_queue_where_receivers_are_refused(refusal)
    job = Job.objects.get(kind="mail.written")
    assert (job.status, Mail.objects.filter(sent_at=None).count()) == (status, 1)
    assert "the mail server refuses its receiver" in str(job.errors) + caplog.text
    assert "ada" not in str(Job.objects.filter(pk=job.pk).values().get()) + caplog.text


def test_a_receiver_that_is_refused_for_good_is_a_state_of_his_mail_and_no_fault_for_the_developers(
    admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    send_later("hello", to="ada@example.org", context={}, language="en")
    run_queue_where_receivers_are_refused(b"550 no such user\r\n")
    told = [record.levelname for record in caplog.records if "refuses its receiver for good" in record.getMessage()]
    assert told == ["WARNING"]
    assert "ERROR" not in {record.levelname for record in caplog.records}
    refused = admin_client.get("/admin/mails/mail/", {"refused_at__isempty": 0}).context["cl"].result_list
    assert [(row.to, row.sent_at, row.refused_at is None) for row in refused] == [("ada@example.org", None, False)]
    run_queue()
    assert mail.outbox == []


def test_a_librarys_finished_mail_goes_the_same_way() -> None:
    message = EmailMultiAlternatives("Confirm", "Plain", to=["ada@example.org"])
    message.attach_alternative("<b>Rich</b>", "text/html")
    post(message)
    run_queue()
    assert (mail.outbox[0].subject, mail.outbox[0].alternatives[0][0]) == ("Confirm", "<b>Rich</b>")


def test_a_mail_that_was_forgotten_before_it_was_sent_is_told_as_failed() -> None:
    send_later("hello", to="ada@example.org", context={}, language="en")
    Mail.objects.all().delete()
    run_queue()
    job = Job.objects.get(kind="mail.written")
    assert job.status == Status.FAILED
    assert "was forgotten before it was sent" in str(job.errors)


def test_mails_let_everything_else_go_first() -> None:
    send_later("hello", to="ada@example.org", context={}, language="en")
    assert Job.objects.get(kind="mail.written").priority < 0
