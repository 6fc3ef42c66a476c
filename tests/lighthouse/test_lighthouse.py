"""Lighthouse gives each page 95 of 100 at least, on a telephone and at a desk. Its reports stay in var/lighthouse."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.browser.running import running_shop
from tests.run import CHROMIUM, IN_CI, NODE

pytestmark = pytest.mark.lighthouse
HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / ".package-lock.json"
REPORTS = settings.BASE_DIR / "var" / "lighthouse"
LEAST = 95
NAMES = ["home", "list", "product", "cart", "checkout"]


@pytest.fixture(scope="module")
def _installed() -> None:
    """The locked packages, hashes checked, none of their own programs run."""
    if INSTALLED.exists() and INSTALLED.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    if done.returncode and not IN_CI:
        pytest.skip(f"Lighthouse can't be installed: {done.stderr[-500:]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_shop(tmp_path_factory.mktemp("shop")) as address:
        yield address


def jobs(shop: str, browser: Browser) -> list[list[dict[str, Any]]]:
    """Each page on a telephone, and each on a desk, for a shopper who has something in his cart."""
    with browser.new_context(base_url=shop) as context:
        page = context.new_page()
        page.goto("/")
        page.goto(page.locator(".shelf-tile").first.get_attribute("href") or "")
        shelf = page.url
        page.goto(page.locator(".product-card").first.get_attribute("href") or "")
        goods = page.url
        page.get_by_role("button", name="Put in the cart").click()
        page.get_by_role("status").get_by_role("link").wait_for()
        cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())
    addresses = [f"{shop}/", shelf, goods, f"{shop}/cart/", f"{shop}/checkout/"]
    return [
        [
            {"name": f"{name}-{device}", "url": url, "desktop": device == "desktop", "cookie": cookie}
            for name, url in zip(NAMES, addresses, strict=True)
        ]
        for device in ("mobile", "desktop")
    ]


def audited(pages: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """The scores of each page, found in a Chromium of its own."""
    command = [NODE, "audit.mjs", str(REPORTS), CHROMIUM]
    done = subprocess.run(command, cwd=HERE, input=json.dumps(pages), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    scores: dict[str, dict[str, int]] = json.loads(done.stdout)
    return scores


@pytest.mark.usefixtures("_installed")
def test_lighthouse_gives_each_page_ninety_five_at_least(shop: str, browser: Browser) -> None:
    shutil.rmtree(REPORTS, ignore_errors=True)
    with ThreadPoolExecutor() as both:  # side by side, for Lighthouse waits more than it works
        telephones, desks = both.map(audited, jobs(shop, browser))
    scores = telephones | desks
    assert len(scores) == 2 * len(NAMES)
    assert {name: of for name, of in scores.items() if min(of.values()) < LEAST} == {}
