"""A return and a withdrawal in a real browser: wide and narrow, with JavaScript and without, the customer and staff."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.lifecycle import Actor
from orders.models import Order, Return
from orders.paying import record_payment
from queue_table.testing import run_due_jobs
from shop.mails.models import Mail
from tests.browser.conftest import LOOKS
from tests.customers import browser_of
from tests.returns import photo
from tests.shopping import notice_for, placed_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(look: str, browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=live_server.url, **LOOKS[look]) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    assert complaints == []


@pytest.fixture
def staff(context: BrowserContext, live_server: LiveServer, browser: Browser, look: str) -> Iterator[Page]:
    """Another browser, of somebody who may do everything."""
    client = browser_of(User.objects.create_superuser("sam", "sam@example.org"))
    cookies = [{"name": c.key, "value": c.value, "url": live_server.url} for c in client.cookies.values()]
    with browser.new_context(base_url=live_server.url, **LOOKS[look]) as other:
        other.add_cookies(cookies)  # type: ignore[arg-type]  # a dict is what it takes
        yield other.new_page()


def open_link(page: Page, subject: str) -> None:
    """The link of the newest mail about this."""
    link = re.search(r"/orders/link/[\w-]+/", Mail.objects.filter(subject__contains=subject).latest("pk").text)
    assert link
    page.goto(link[0])


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.fixture
def order(page: Page) -> Order:
    """On its way, and the customer looks at it by the link of a mail, without any log-in."""
    order = placed_order(quantity=2)
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    run_due_jobs()
    open_link(page, order.number)
    return order


def test_from_the_wish_with_photos_to_the_counted_goods(
    page: Page, order: Order, staff: Page, screenshots: Path, look: str
) -> None:
    page.get_by_role("link", name="Return something").click()
    page.locator("main input[type=number]").fill("2")
    page.get_by_label("What is the reason?").select_option("broken")
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo().getvalue()} for n in range(2)]
    page.get_by_label("Photos").set_input_files(files)  # type: ignore[arg-type]  # a dict is what it takes
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.get_by_role("heading", name="Return: asked for")).to_be_visible()
    first = page.get_by_alt_text("Your photo 1")
    first.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=first.element_handle())
    run_due_jobs()
    page.goto(page.url)
    expect(page.get_by_role("heading", name="Your return is on its course")).to_be_visible()
    page.screenshot(path=screenshots / f"return-photos-{look}.png", full_page=True)
    assert fits(page)

    asked = Return.objects.get()
    staff.goto(f"/admin/orders/return/{asked.pk}/change/")
    staff.get_by_label("Approve").check()
    staff.get_by_role("button", name="Save", exact=True).click()
    page.goto(page.url)
    page.get_by_label("Tracking number").fill("RM 12")
    page.get_by_role("button", name="I have sent it").click()
    expect(page.get_by_role("heading", name="Return: on its way back")).to_be_visible()
    staff.goto(f"/admin/orders/return/{asked.pk}/change/")
    staff.screenshot(path=screenshots / f"return-staff-{look}.png", full_page=True)
    staff.get_by_role("link", name="It is here: count it").click()
    staff.locator("main input[type=number], #content input[type=number]").first.fill("1")
    staff.get_by_role("button", name="It is here: count it").click()
    expect(staff.get_by_text("The customer waits for the money")).to_be_visible()
    page.goto(page.url)
    expect(page.get_by_text("1 came back")).to_be_visible()


def test_a_guest_withdraws_in_three_presses(page: Page, order: Order, screenshots: Path, look: str) -> None:
    page.get_by_role("link", name="Withdraw from the purchase").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Do you want to withdraw?")).to_be_visible()
    page.screenshot(path=screenshots / f"withdrawal-{look}.png", full_page=True)
    assert fits(page)
    page.get_by_role("button", name="Withdraw from the purchase").click()
    expect(page.get_by_text("A mail that confirms it is on its way.")).to_be_visible()
    run_due_jobs()
    open_link(page, "Your withdrawal")
    expect(page.get_by_role("button", name="I have sent it")).to_be_visible()
    page.get_by_role("button", name="Withdraw: I keep it").click()
    expect(page.get_by_role("heading", name="Return: withdrawn")).to_be_visible()
