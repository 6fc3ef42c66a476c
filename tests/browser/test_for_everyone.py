"""No page shuts anybody out: axe-core finds nothing on any of them, light or dark, on a telephone or a desk."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test.signals import template_rendered
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.account_states import UNSEEN
from tests.browser.states import PRESSED, STATES
from tests.browser.templates import pages
from tests.browser.visit import Visit

WIDTHS, HEIGHT = (1280, 390), 900
RULES = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice".split()
ALL = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One for all states: a process of the browser that has just begun takes as long to learn axe as to run it."""
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture
def page(window: Page) -> Iterator[Page]:
    """The window of a shopper who was never here, and who leaves before the tables are emptied."""
    window.context.clear_cookies()
    window.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    window.emulate_media(color_scheme="light")
    yield window
    window.goto("about:blank")


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that the server has used."""
    names: set[str] = set()

    def note(template: object, **_: object) -> None:
        names.add(str(getattr(template, "name", "")))

    template_rendered.connect(note, weak=False)
    yield names
    template_rendered.disconnect(note)


def violations(page: Page, options: dict[str, object]) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def complaints(page: Page) -> Iterator[str]:
    """Of one page, in each look."""
    page.evaluate(AXE_SCRIPT)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="light")
        yield from (f"{width}: {line}" for line in violations(page, ALL))
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            yield f"{width}: wider than the window"
        page.emulate_media(color_scheme="dark")
        yield from (f"{width} dark: {line}" for line in violations(page, COLOURS))


@pytest.mark.browser
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_on(state: str, page: Page, live_server: LiveServer, rendered: set[str]) -> None:
    template, comes_there = STATES[state]
    visit = Visit()
    address = live_server.url + comes_there(visit)
    cookies = [{"name": c.key, "value": c.value, "url": live_server.url} for c in visit.client.cookies.values()]
    page.context.add_cookies(cookies)
    page.goto(address)
    if state in PRESSED:
        PRESSED[state](page)
    assert template in rendered
    assert list(complaints(page)) == []


def test_no_template_of_a_page_is_left_out() -> None:
    assert pages() - UNSEEN == {template for template, _ in STATES.values()}
