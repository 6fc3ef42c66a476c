"""An account in a real browser: made, proved by mail, guarded by a second factor, opened by a passkey."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.looking import DARK, NARROW, PLAIN, WIDE, silent_page
from tests.customers import PASSWORD, customer, mailed_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = {"desktop": WIDE, "phone": NARROW | DARK, "without JavaScript": NARROW | PLAIN}
PAGES = ["", "orders/", "addresses/", "addresses/add/", "profile/", "email/", "password/change/", "2fa/", "sessions/"]


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with silent_page(browser, base_url=live_server.url, **LOOKS[request.param]) as page:
        yield page


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def log_in(page: Page) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Log in")


def confirm_it_is_me(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Go on")


def test_a_customer_makes_an_account_and_guards_it(
    page: Page, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["page"].replace(" ", "-")
    page.goto("/account/signup/")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create the account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    page.goto(mailed_link())
    press(page, "Yes, it was me")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

    page.goto("/account/2fa/totp/activate/")
    confirm_it_is_me(page)
    page.locator("summary", has_text="Or type the key").click()
    secret = page.locator("#totp-secret").inner_text()
    before, now, _ = yield_hotp_counters_from_time()
    page.get_by_label("Authenticator code").fill(format_hotp_value(hotp_value(secret, before)))
    press(page, "Switch it on")
    expect(page.locator("ul.codes li")).to_have_count(10)
    page.screenshot(path=screenshots / f"account-{name}-codes.png", full_page=True)

    page.locator(".account-nav").get_by_role("button", name="Log out").click()
    log_in(page)
    page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, now)))
    press(page, "Log in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    for path in PAGES:
        page.goto(f"/account/{path}")
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert page.locator("html").evaluate("element => element.scrollWidth") <= width
        page.screenshot(path=screenshots / f"account-{name}-{path.replace('/', '-') or 'overview'}.png", full_page=True)


def test_a_forgotten_password_is_chosen_anew(page: Page) -> None:
    customer()
    page.goto("/account/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill("ada@example.org")
    press(page, "Send me the link")
    page.goto(mailed_link())
    page.get_by_label("New Password", exact=True).fill("ten green lanterns")
    page.get_by_label("New Password (again)").fill("ten green lanterns")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new password holds")


def test_a_passkey_opens_the_account_without_a_password(page: Page, request: pytest.FixtureRequest) -> None:
    customer()
    if "without" in request.node.callspec.params["page"]:
        page.goto("/account/login/")
        expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
        return
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    answers = {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options | answers})
    log_in(page)
    page.goto("/account/2fa/webauthn/add/")
    confirm_it_is_me(page)
    page.get_by_label("Log in with this alone").check()
    press(page, "Add")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.locator(".account-nav").get_by_role("button", name="Log out").click()
    page.goto("/account/login/")
    press(page, "Log in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
