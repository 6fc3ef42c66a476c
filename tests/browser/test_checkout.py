"""The checkout in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Keep
from tests.browser.steps import find, put_in_the_cart

pytestmark = pytest.mark.browser


def test_the_sum_follows_country_delivery_and_voucher_and_nothing_typed_is_lost(
    page: Page, look: str, keep: Keep
) -> None:
    sums = page.locator("#side-sums")  # on a phone it lies folded, and says the same
    find(page, "85123A")
    put_in_the_cart(page)
    page.goto("/checkout/")
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("Country").select_option("DE")
    count_anew(page, look)
    expect(sums).to_contain_text("£7.95")
    page.get_by_label("Express").check()
    count_anew(page, look)
    expect(sums).to_contain_text("£19.95")
    page.get_by_label("Voucher").fill("lantern10")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("LANTERN10 is in the sum.")).to_be_visible()
    expect(sums).to_contain_text("−£0.30")
    expect(page.locator("#total-news")).to_contain_text("£22.60")
    expect(page.get_by_label("Express")).to_be_checked()
    expect(page.get_by_label("Full name")).to_have_value("Ada Lovelace")
    page.get_by_label("Country").select_option("US")  # too far for the express
    count_anew(page, look)
    expect(page.locator("#delivery-choices")).to_contain_text("This way of delivery can't be had for this parcel")
    keep("choices")


def count_anew(page: Page, look: str) -> None:
    """The sum follows by itself; without JavaScript the shopper presses the button for it."""
    if "without-script" in look:
        page.get_by_role("button", name="Update the sum").click()
