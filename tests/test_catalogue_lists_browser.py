"""Filters in a real browser: the list changes in place, its address goes along, and all works without JavaScript."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import NARROW, PLAIN, WIDE, silent_page
from tests.factories import CategoryFactory
from tests.listing import on_shelf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"desktop": WIDE, "phone": NARROW}


@pytest.fixture
def shelf(live_server: Any) -> str:
    """The address of a shelf with thirty mugs, two of them red."""
    mugs = CategoryFactory(slug="mugs", title="Mugs")
    for number in range(30):
        on_shelf(f"Mug {number:02d}", str(number + 1), category=mugs, picks=f"colour:{'red' if number < 2 else 'blue'}")
    return f"{live_server.url}/c/mugs/"


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, size: str, browser: Browser) -> Iterator[Page]:
    with silent_page(browser, **SIZES[size] | ({} if request.param else PLAIN)) as page:
        page.scripted = request.param  # type: ignore[attr-defined]
        yield page


def titles(page: Page) -> list[str]:
    return page.locator("#goods .card-title").all_inner_texts()


def narrow(page: Page, size: str) -> None:
    """Ticks red, as far up as 1.50, the way this browser can."""
    if size == "phone":
        page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Red").check()
    if page.scripted:  # type: ignore[attr-defined]
        expect(page.get_by_role("status").get_by_text("2 things")).to_be_visible()
        expect(page.get_by_label("Red")).to_be_checked()  # in a fold that stayed open
    page.get_by_label("to", exact=True).fill("1.50")
    if page.scripted:  # type: ignore[attr-defined]
        page.get_by_label("to", exact=True).press("Tab")
    else:
        page.get_by_role("button", name="Show").click()


def test_a_list_is_narrowed_and_widened_again(page: Page, size: str, shelf: str, screenshots: Path) -> None:
    page.goto(shelf)
    assert len(titles(page)) == 24
    narrow(page, size)
    expect(page.locator("#goods .card-title")).to_have_text(["Mug 00"])
    expect(page).to_have_url(re.compile(r"colour=red"))
    page.get_by_role("link", name="Without up to £1.50").click()
    expect(page.locator("#goods .card-title")).to_have_text(["Mug 01", "Mug 00"])
    page.go_back()
    expect(page.locator("#goods .card-title")).to_have_text(["Mug 00"])
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("#goods .card-title")).to_have_count(24)
    page.get_by_role("link", name="More").click()
    expect(page.locator("#goods .card-title")).to_have_count(6)
    # At the end only: it leaves empty style attributes on the fields, and htmx may not copy those.
    page.screenshot(path=screenshots / f"list-{size}-{'js' if page.scripted else 'plain'}.png", full_page=True)  # type: ignore[attr-defined]
