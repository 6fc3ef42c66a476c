"""The way to the doorstep in a real browser, against the real servers that `make run` starts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Keep
from tests.browser.steps import fill_in_the_address, find, put_in_the_cart, wait_for

pytestmark = pytest.mark.browser


def test_a_shopper_orders_pays_and_receives(page: Page, keep: Keep) -> None:
    page.goto("/")
    keep("01-home")
    title = find(page, "lantern")
    keep("02-product")
    put_in_the_cart(page)
    keep("03-product-in-the-cart")
    page.goto("/cart/")
    expect(page.locator("main")).to_contain_text(title)
    keep("04-cart")
    page.get_by_role("button", name="To the checkout").click()
    page.get_by_role("button", name="Order and pay").click()
    expect(page.get_by_label("Full name")).to_be_visible()
    fill_in_the_address(page)
    keep("05-checkout")
    page.get_by_role("button", name="Order and pay").click()
    keep("06-on-the-way-to-the-payment")
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Let the payment fail").click()
    wait_for(page, page.get_by_text("The payment did not go through"))
    keep("07-payment-failed")
    page.get_by_role("button", name="Pay").first.click()
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    keep("08-paid")
    wait_for(page, page.get_by_text("SBX"))
    keep("09-on-its-way")
    page.get_by_role("button", name="I have received it").click()
    wait_for(page, page.get_by_role("heading", name="Your order has arrived"))
    keep("10-arrived")


def test_an_order_is_cancelled(page: Page, keep: Keep) -> None:
    find(page, "tea")
    put_in_the_cart(page)
    page.goto("/checkout/")
    fill_in_the_address(page)
    page.get_by_role("button", name="Order and pay").click()
    page.get_by_role("link", name="See your order").click()
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.get_by_role("heading", name="This order is cancelled")).to_be_visible()
    keep("cancelled")
