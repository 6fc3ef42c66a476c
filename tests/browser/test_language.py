"""The switch in the footer, which needs no JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Keep

pytestmark = pytest.mark.browser


def test_the_language_is_switched_where_one_is(page: Page, keep: Keep) -> None:
    page.goto("/search/?q=lantern")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert page.url.endswith("/search/?q=lantern")
    keep("1-search")
    page.goto("/")
    keep("2-home")
    page.locator("main .product-card").first.click()
    keep("3-product")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert "/p/" in page.url
