"""What the browser tests share: a whole shop, and browsers of each kind that keep pictures of what they see."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import NARROW, PLAIN, WIDE, silent_page
from tests.browser.running import running_shop

LOOKS: dict[str, dict[str, Any]] = {
    "desktop": WIDE,
    "phone": NARROW,
    "desktop-without-script": WIDE | PLAIN,
    "phone-without-script": NARROW | PLAIN,
}
WALKED_AWAY = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")  # from what a page was still asking for
Keep = Callable[[str], None]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a shop that the tests of one process share."""
    with running_shop(tmp_path_factory.mktemp("shop")) as address:
        yield address


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(look: str, browser: Browser, shop: str) -> Iterator[Page]:
    with silent_page(browser, WALKED_AWAY, base_url=shop, **LOOKS[look]) as page:
        yield page


@pytest.fixture
def keep(page: Page, look: str, screenshots: Path, request: pytest.FixtureRequest) -> Keep:
    """Takes a picture of the whole page for people to look at; a page wider than the window is refused."""
    story = request.node.originalname.removeprefix("test_")[:24].rstrip("_").replace("_", "-")

    def picture(step: str) -> None:
        page.screenshot(path=screenshots / f"{story}-{step}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), step

    return picture
