"""Staff at the admin in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page

from tests.browser.looking import silent_page


@contextmanager
def staff_page(browser: Browser, address: str, **look: Any) -> Iterator[Page]:
    """The admin's first page, after a log-in by the form as sam, who may do everything."""
    User.objects.create_superuser("sam", "sam@example.org", "open the queue")
    with silent_page(browser, base_url=address, **look) as page:
        page.goto("/admin/")
        page.get_by_label("E-mail").fill("sam@example.org")
        page.get_by_label("Password", exact=True).fill("open the queue")
        page.get_by_role("button", name="Log in", exact=True).click()
        yield page
