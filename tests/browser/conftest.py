"""What the browser tests share: a whole shop, and browsers of each kind that keep pictures of what they see."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.running import running_shop

WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": WIDE,
    "phone": NARROW,
    "desktop-without-script": WIDE | {"java_script_enabled": False},
    "phone-without-script": NARROW | {"java_script_enabled": False},
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
    """A browser on the shop whose console stays silent."""
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(WALKED_AWAY):
            complaints.append(f"{said.text} {said.location}")

    with browser.new_context(base_url=shop, **LOOKS[look]) as context:
        page = context.new_page()
        page.on("console", note)
        yield page
        assert complaints == []


@pytest.fixture
def keep(page: Page, look: str, screenshots: Path, request: pytest.FixtureRequest) -> Keep:
    """Takes a picture of the whole page for people to look at; a page wider than the window is refused."""
    story = request.node.originalname.removeprefix("test_")[:24].rstrip("_").replace("_", "-")

    def picture(step: str) -> None:
        page.screenshot(path=screenshots / f"{story}-{step}-{look}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), step

    return picture
