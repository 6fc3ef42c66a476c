"""What shoppers do on more than one path."""

import time

from playwright.sync_api import Locator, Page, expect

PATIENCE_SECONDS = 60  # the queue comes by every three; a busy machine is slower
ADDRESS = {
    "Full name": "Ada Lovelace",
    "E-mail": "ada@example.org",
    "Street and house number": "12 St James's Square",
    "Postcode": "SW1Y 4JH",
    "Town or city": "London",
}


def find(page: Page, words: str) -> str:
    """Searches, opens the first thing found, and says its title."""
    page.goto("/")
    page.get_by_role("searchbox").first.fill(words)
    page.get_by_role("searchbox").first.press("Enter")
    page.locator("main .product-card").first.click()
    return page.get_by_role("heading", level=1).inner_text()


def put_in_the_cart(page: Page) -> None:
    page.get_by_role("button", name="Put in the cart").click()
    expect(page.locator("main").get_by_role("link", name="To the cart").first).to_be_visible()


def fill_in_the_address(page: Page) -> None:
    for label, words in ADDRESS.items():
        page.get_by_label(label).fill(words)
    page.get_by_label("Country").select_option("GB")


def wait_for(page: Page, news: Locator) -> None:
    """The page brings the news by itself; without JavaScript the shopper presses its link to look again."""
    again = page.get_by_role("button", name="Look again for news")
    over = time.monotonic() + PATIENCE_SECONDS
    while not news.is_visible() and again.is_visible() and time.monotonic() < over:
        again.click()
        page.wait_for_timeout(500)
    expect(news).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
