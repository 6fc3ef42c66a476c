"""The shopper's path in a real browser, against the real servers that `make run` starts, with pictures to look at."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a whole shop in processes of its own: gunicorn, the queue, the demo catalogue, SQLite."""
    folder, port = tmp_path_factory.mktemp("shop"), free_port()
    environment = os.environ | {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/shop.sqlite3",
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }
    command = [sys.executable, "manage.py", "run_shop"]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "The shop:" in line:
                break
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.fixture(params=["desktop", "phone", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = SIZES.get(request.param, SIZES["phone"])
    context = browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=request.param != "without JavaScript"
    )
    page = context.new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))  # type: ignore[attr-defined]
    yield page
    assert page.complaints == []  # type: ignore[attr-defined]
    context.close()


def test_a_shopper_orders_pays_and_receives_without_help(
    page: Page, shop: str, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["page"].replace(" ", "-")

    def keep(step: str) -> None:
        page.screenshot(path=screenshots / f"{name}-{step}.png", full_page=True)

    page.goto(shop)
    keep("1-home")
    page.get_by_role("searchbox").fill("lantern")
    page.get_by_role("searchbox").press("Enter")
    keep("2-search")
    page.locator("main").get_by_role("link").filter(has_text="antern").first.click()
    title = page.get_by_role("heading", level=1).inner_text()
    keep("3-product")
    page.get_by_role("button", name="Put in the cart").click()
    page.locator("main").get_by_text("To the").first.wait_for()
    page.goto(f"{shop}/cart/")
    expect(page.locator("main")).to_contain_text(title)
    keep("4-cart")
    page.get_by_role("button", name="To the checkout").click()
    page.get_by_role("button", name="Order and pay").click()
    expect(page.get_by_label("Full name")).to_be_visible()
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Street and house number").fill("12 St James's Square")
    page.get_by_label("Town or city").fill("London")
    page.get_by_label("Country").select_option("GB")
    keep("5-checkout")
    page.get_by_role("button", name="Order and pay").click()
    page.get_by_role("button", name="Go to payment").click()
    keep("6-payment")
    page.get_by_role("button", name="Let the payment fail").click()
    keep("7-payment-failed")
    page.get_by_role("button", name="Pay").first.click()
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    keep("8-paid")
    wait_for(page, name, page.get_by_text("SBX"))
    keep("9-on-its-way")
    page.get_by_role("button", name="I have received it").click()
    wait_for(page, name, page.get_by_role("heading", name="Your order has arrived"))
    keep("10-arrived")


def wait_for(page: Page, name: str, news: Locator) -> None:
    """The page brings the news by itself; without JavaScript the shopper presses its link to look again."""
    for _ in range(30 if name == "without-JavaScript" else 0):
        if news.is_visible():
            break
        page.get_by_role("button", name="Look again for news").click()
        page.wait_for_timeout(1000)
    expect(news).to_be_visible(timeout=30_000)


def test_the_sum_follows_country_delivery_and_voucher_and_nothing_typed_is_lost(
    page: Page, shop: str, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["page"].replace(" ", "-")
    sums = page.locator("#side-sums")  # on a phone it lies folded, and says the same
    page.goto(f"{shop}/search/?q=85123A")
    page.locator("main").get_by_role("link").filter(has_text="heart").first.click()
    page.get_by_role("button", name="Put in the cart").click()
    page.locator("main").get_by_text("To the").first.wait_for()
    page.goto(f"{shop}/checkout/")
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("Country").select_option("DE")
    count_anew(page, name)
    expect(sums).to_contain_text("£7.95")
    page.get_by_label("Express").check()
    count_anew(page, name)
    expect(sums).to_contain_text("£19.95")
    page.get_by_label("Voucher").fill("lantern10")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("LANTERN10 is in the sum.")).to_be_visible()
    expect(sums).to_contain_text("−£0.30")
    expect(page.locator("#total-news")).to_contain_text("£22.60")
    expect(page.get_by_label("Express")).to_be_checked()
    expect(page.get_by_label("Full name")).to_have_value("Ada Lovelace")
    page.get_by_label("Country").select_option("US")  # too far for the express
    count_anew(page, name)
    expect(page.locator("#delivery-choices")).to_contain_text("This way of delivery can't be had for this parcel")
    page.screenshot(path=screenshots / f"{name}-checkout-choices.png", full_page=True)


def count_anew(page: Page, name: str) -> None:
    """The sum follows by itself; without JavaScript the shopper presses the button for it."""
    if name == "without-JavaScript":
        page.get_by_role("button", name="Update the sum").click()


def test_the_shop_speaks_chinese(page: Page, shop: str, screenshots: Path, request: pytest.FixtureRequest) -> None:
    page.goto(shop)
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.screenshot(path=screenshots / f"{request.node.callspec.params['page'].replace(' ', '-')}-chinese.png")
