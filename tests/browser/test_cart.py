"""The cart in a real browser: in place where there is JavaScript, by whole pages where there is none."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Keep
from tests.browser.steps import find, put_in_the_cart

pytestmark = pytest.mark.browser


def test_a_quantity_is_changed_and_a_thing_taken_out(page: Page, keep: Keep, look: str) -> None:
    page.goto("/cart/")
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()
    keep("1-empty")
    title = find(page, "candle")
    put_in_the_cart(page)
    page.goto("/cart/")
    before = page.locator(".line-amount").inner_text()
    quantity = page.get_by_label("Quantity of").first
    quantity.fill("2")
    if "without" in look:
        page.get_by_role("button", name="Change").click()
    else:
        quantity.press("Tab")
    expect(page.locator(".line-amount")).not_to_have_text(before)
    expect(page.locator(".cart-count")).to_contain_text("2")
    keep("2-two-of-them")
    page.get_by_role("button", name=f"Take out {title}").click()
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()
    keep("3-taken-out")


def test_more_than_there_is_says_how_many_there_are(page: Page, keep: Keep) -> None:
    find(page, "tea")
    page.get_by_label("Quantity").fill("999")
    page.get_by_role("button", name="Put in the cart").click()
    expect(page.locator("#buy-note .message")).to_be_visible()
    keep("too-many")
