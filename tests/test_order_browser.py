"""What a shopper does with an order in a real browser: wide, narrow and dark, and with JavaScript switched off."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.lifecycle import Actor
from orders.models import Order
from orders.paying import record_payment
from orders.services import expire_order
from queue_table.testing import run_due_jobs
from shop.mails.models import Mail
from tests.browser.looking import DARK, NARROW, PLAIN, WIDE, silent_page
from tests.shopping import notice_for, placed_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {"desktop": WIDE, "phone": NARROW | DARK, "without JavaScript": NARROW | PLAIN}


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with silent_page(browser, base_url=live_server.url, **LOOKS[request.param]) as page:
        yield page


@pytest.fixture
def order(page: Page) -> Order:
    """An order whose mail the shopper has opened."""
    order = placed_order(quantity=2)
    run_due_jobs()
    link = re.search(r"/orders/link/[\w-]+/", Mail.objects.get().text)
    assert link
    page.goto(link[0])
    return order


def look(page: Page) -> None:
    """Now, and not after the pause that the page makes by itself."""
    page.goto(page.url)


def test_the_link_of_a_mail_leads_to_the_payment_and_the_page_brings_the_news(page: Page, order: Order) -> None:
    expect(page).to_have_url(re.compile(f"/orders/{order.number}/$"))
    page.get_by_role("button", name="Pay £5.10").click()
    expect(page.get_by_role("button", name="Go to payment")).to_be_visible()
    page.goto(f"/orders/{order.number}/")
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    again = page.get_by_role("button", name="Look again for news")
    if again.is_visible():  # only where no script asks
        again.click()
    expect(page.get_by_role("heading", name="Paid. We are getting your parcel ready.")).to_be_visible(timeout=15_000)


def test_an_order_is_cancelled_by_two_presses(page: Page, order: Order) -> None:
    page.get_by_text("Cancel the order").click()
    page.wait_for_timeout(3500)  # the page has asked for news meanwhile: the step stays open
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.get_by_role("heading", name="This order is cancelled")).to_be_visible()


def test_money_that_came_late_is_said_in_words(page: Page, order: Order) -> None:
    expire_order(order.pk, order.pay_by)
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    look(page)
    expect(page.get_by_text("The money is safe.")).to_be_visible()


def test_goods_are_received_asked_back_and_kept_after_all(page: Page, order: Order, screenshots: Path) -> None:
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    run_due_jobs()
    look(page)
    page.get_by_role("button", name="I have received it").click()
    run_due_jobs()
    look(page)
    page.get_by_role("link", name="Return something").click()
    page.get_by_label("What is the reason?").select_option("broken")
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.get_by_text("Nothing is chosen yet")).to_be_visible()
    page.locator("main input[type=number]").fill("2")
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.get_by_role("heading", name="Return: asked for")).to_be_visible()
    page.screenshot(path=screenshots / "order-return.png", full_page=True)
    page.get_by_role("button", name="Withdraw: I keep it").click()
    expect(page.get_by_role("heading", name="Return: withdrawn")).to_be_visible()


def test_the_invoice_is_a_page_and_a_file(page: Page, order: Order) -> None:
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    run_due_jobs()
    look(page)
    page.get_by_role("link", name="Invoice").click()
    expect(page.get_by_role("heading", name="Invoice 0000")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as PDF").click()
    assert re.fullmatch(r"invoice-\d{6}\.pdf", download.value.suggested_filename)
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Save as PDF")).not_to_be_visible()
    expect(page.get_by_role("searchbox")).not_to_be_visible()
