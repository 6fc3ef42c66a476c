"""A browser that a test drives, as one kind of shopper has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DARK: dict[str, Any] = {"color_scheme": "dark"}
PLAIN: dict[str, Any] = {"java_script_enabled": False}


@contextmanager
def silent_page(browser: Browser, forgiven: tuple[str, ...] = (), **look: Any) -> Iterator[Page]:
    """An empty page in a browser without cookies, whose console tells of no error but of those that begin so."""
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(forgiven):
            complaints.append(f"{said.text} {said.location}")

    with browser.new_context(**look) as context:
        page = context.new_page()
        page.on("console", note)
        yield page
        assert complaints == []
