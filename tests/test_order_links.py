"""A guest comes back to his order: by the link in a mail, or by asking for the mail again."""

import hashlib
import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from time_machine import travel

from orders.links import forget_links
from orders.models import Order, OrderLink
from queue_table.models import Job
from queue_table.testing import run_due_jobs
from shop.mails.models import Mail
from tests.customers import customer, log_in
from tests.shopping import holder_of, placed_order

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
LINK = re.compile(r"http://localhost:8000(/orders/link/[\w-]{43}/)")


def links() -> list[str]:
    """The links of all mails that left, oldest first."""
    run_due_jobs()
    return [match for message in mail.outbox for match in LINK.findall(str(message.body))]


def find(number: str, email: str) -> Any:
    return Client().post("/orders/find/", {"number": number, "email": email})


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_link_opens_the_order_and_leaves_the_address() -> None:
    order, stranger = placed_order(), Client()
    [link] = links()
    answer = stranger.get(link)
    assert (answer.status_code, answer["Location"]) == (302, f"/orders/{order.number}/")
    assert {"no-store", "private"} <= {word.strip() for word in answer["Cache-Control"].split(",")}
    assert stranger.get(answer["Location"]).status_code == 200
    assert Client().get(answer["Location"]).status_code == 404
    assert stranger.post(f"/orders/{order.number}/cancel/").status_code == 302
    other = placed_order()
    assert stranger.get(f"/orders/{other.number}/").status_code == 404


def test_the_token_is_in_the_mail_and_nowhere_else() -> None:
    placed_order()
    [link] = links()
    token = link.split("/")[3]
    assert OrderLink.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token in Mail.objects.get().text
    for job in Job.objects.values():
        assert token not in str(job)


@pytest.mark.parametrize(
    "token", ["x", "x" * 43, "x" * 10_000, "%00", "%FF%FE", "😀", "a%00b", "'; --"], ids=lambda token: token[:50]
)
def test_a_link_that_never_was_gets_the_same_answer_as_one_that_is_over(token: str) -> None:
    placed_order()
    [link] = links()
    assert Client().get(link).status_code == 302
    OrderLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    over = Client().get(link)
    never = Client().get(f"/orders/link/{token}/")
    csrf = re.compile(r'(csrfmiddlewaretoken" value="|name="next" value=")[^"]*')
    assert never.status_code == over.status_code == 404
    assert csrf.sub("", said(never)) == csrf.sub("", said(over))
    assert "a new link is quickly sent" in said(never)


def test_a_link_is_good_for_a_year_and_then_forgotten() -> None:
    placed_order()
    links()
    now = timezone.now()
    link = OrderLink.objects.get()
    assert timedelta(days=364) < link.expires_at - now < timedelta(days=366)
    forget_links(link.expires_at - timedelta(microseconds=1))
    assert OrderLink.objects.count() == 1
    forget_links(link.expires_at)
    assert OrderLink.objects.count() == 0


def test_the_right_to_see_the_order_ends_with_the_link() -> None:
    order, reader = placed_order(), Client()
    [link] = links()
    OrderLink.objects.update(expires_at=timezone.now() + timedelta(days=2))
    page = reader.get(link)["Location"]
    with travel(timezone.now() + timedelta(days=1)):
        assert reader.get(page).status_code == 200
    cookies = reader.cookies.output()
    with travel(timezone.now() + timedelta(days=2, seconds=1)):
        assert reader.get(page).status_code == 404
    assert f"order-{order.number}" in cookies


def test_a_right_by_link_ends_at_the_log_out_in_the_same_browser() -> None:
    placed_order()
    [link] = links()
    customer("grace@example.org")
    for logs_in_first in (True, False):
        reader = Client()
        if logs_in_first:
            log_in(reader, "grace@example.org")
        page = reader.get(link)["Location"]
        if not logs_in_first:
            log_in(reader, "grace@example.org")
        assert "_auth_user_id" in reader.session
        assert reader.get(page).status_code == 200
        reader.post("/account/logout/")
        assert reader.get(page).status_code == 404
        assert reader.get(reader.get(link)["Location"]).status_code == 200


def test_an_orders_cookie_alone_opens_nothing() -> None:
    order = placed_order()
    [link] = links()
    reader, thief = Client(), Client()
    page = reader.get(link)["Location"]
    thief.cookies[f"order-{order.number}"] = reader.cookies[f"order-{order.number}"].value
    assert thief.get(page).status_code == 404
    other = placed_order()
    thief.cookies.update(holder_of(other).cookies)
    assert thief.get(page).status_code == 404


def test_who_knows_number_and_address_gets_a_mail_and_everybody_the_same_answer() -> None:
    order = placed_order()
    links()
    mail.outbox.clear()
    right = find(f" {order.number.lower().replace('-', ' ')} ", "ADA@example.org")
    wrong = [
        find(order.number, "eve@example.org"),
        find("AAAA-AAAA-AAAA", "ada@example.org"),
        find("😀 OR 1=1", "ada@example.org"),
    ]
    assert {answer.status_code for answer in [right, *wrong]} == {200}
    same = {
        re.sub(r"(ada|ADA|eve)@example.org|name=\"\w+\" value=\"[^\"]*\"", "", said(answer))
        for answer in [right, *wrong]
    }
    assert len(same) == 1
    [link] = links()
    assert mail.outbox[0].to == ["ada@example.org"]
    assert Client().get(link)["Location"] == f"/orders/{order.number}/"


def test_however_often_he_asks_he_gets_one_mail_in_ten_minutes() -> None:
    order = placed_order()
    links()
    mail.outbox.clear()
    start = timezone.now().replace(minute=0, second=0)
    for seconds in (0, 1, 599, 600, 1199):
        with patch("shop.aftersales.coming_back.clock.now", lambda at=seconds: start + timedelta(seconds=at)):
            find(order.number, order.email)
    assert len(links()) == 2


def test_a_search_that_finds_nothing_writes_nothing() -> None:
    order = placed_order()
    before = Job.objects.count()
    find(order.number, "eve@example.org")
    assert Job.objects.count() == before


@pytest.mark.parametrize(
    "fields", [{}, {"number": "", "email": ""}, {"number": "\x00", "email": "ada"}, {"number": "A" * 41}]
)
def test_what_is_missing_is_asked_for_and_what_was_typed_stays(fields: dict[str, str]) -> None:
    answer = Client().post("/orders/find/", fields | {"email": "ada@"})
    assert answer.status_code == 200
    assert "errorlist" in said(answer)
    assert 'value="ada@"' in said(answer)


def test_a_mail_in_the_orders_language_has_its_lines_and_sums() -> None:
    order = placed_order(quantity=3)
    Order.objects.update(language="zh-hans")
    run_due_jobs()
    [message] = mail.outbox
    html = str(message.alternatives[0][0])
    for text in (str(message.body), html):
        assert order.number in text
        assert "£7.65" in text
        assert order.lines.get().title in text
        assert LINK.search(text)
    assert 'lang="zh-Hans"' in html


def test_who_asks_very_often_is_asked_to_wait() -> None:
    order = placed_order()
    answers = [find("AAAA-AAAA-AAAA", "eve@example.org").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
    assert find(order.number, order.email).status_code == 429
    assert Client().get("/orders/find/").status_code == 200
