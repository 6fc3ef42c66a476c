"""The page that says whether all is well, and an order's log, in a real browser; and pictures of both to look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import Order
from tests.browser.looking import DARK, NARROW, PLAIN, WIDE
from tests.browser.staff import staff_page
from tests.shopping import paid_order, placed_order, run_queue, tamper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {
    "wide": WIDE,
    "wide-dark": WIDE | DARK,
    "narrow": NARROW,
    "narrow-dark": NARROW | DARK,
    "without-JavaScript": WIDE | PLAIN,
}


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with staff_page(browser, live_server.url, **LOOKS[request.param]) as page:
        yield page


def test_staff_look_whether_all_is_well_and_read_the_log_of_what_is_not(
    page: Page, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    def keep(step: str) -> None:
        name = request.node.callspec.params["page"]
        page.screenshot(path=screenshots / f"invariants-{name}-{step}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), step

    paid, placed = paid_order(), placed_order()
    tamper(paid.events.filter(position=2), note="never said")
    Order.objects.filter(pk=placed.pk).update(status="completed")
    page.get_by_role("link", name="Is all well?").click()
    keep("1-never")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("A check is under way.")).to_be_visible()
    run_queue()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text(f"Order {placed.number} is completed, and its log says pending.")).to_be_visible()
    keep("2-broken")
    page.goto(f"/admin/orders/order/{paid.pk}/change/")
    expect(page.get_by_role("alert")).to_contain_text("The log of this order can't be trusted.")
    page.screenshot(path=screenshots / f"invariants-{request.node.callspec.params['page']}-3-order.png", full_page=True)
