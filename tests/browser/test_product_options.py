"""A shopper picks options on the product page, with and without JavaScript: price, picture and button follow."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from shop.catalogue.models import Product
from tests.factories import PictureFactory, ProductFactory, made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mug() -> Product:
    """Red and blue, small and large; no large blue one, the small red ones sold out, the blue one has its picture."""
    mug = ProductFactory(title="Mug", slug="mug", cover=None)
    made(mug, colour="red", size="small", pieces=0)
    made(mug, colour="red", size="large")
    blue = made(mug, colour="blue", size="small")
    cover, own = PictureFactory.create_batch(2, product=mug)
    Product.objects.filter(pk=mug.pk).update(cover=cover)
    mug.variants.filter(pk=blue.pk).update(picture=own, price=4)
    return mug


@pytest.mark.usefixtures("mug")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("script", [True, False])
def test_what_is_picked_is_seen_and_sold(browser: Browser, live_server: LiveServer, script: bool, width: int) -> None:
    with browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/p/mug/")
        seen = page.locator("#gallery > .picture img").get_attribute("src")
        page.get_by_role("link", name="Blue").click()
        expect(page.get_by_text("have it as Blue, Large")).to_be_visible()
        expect(page.get_by_role("button", name="Put in the cart")).to_have_count(0)
        page.get_by_role("link", name="Small").click()
        expect(page.locator(".buy-price")).to_have_text("£4.00")
        expect(page.locator("#gallery > .picture img")).not_to_have_attribute("src", str(seen))
        page.get_by_role("button", name="Put in the cart").click()
        expect(page.get_by_role("status").filter(has_text="Mug, blue, small")).to_be_visible()
        page.get_by_role("link", name="Red").click()
        expect(page.get_by_text("Sold out", exact=True)).to_be_visible()


@pytest.mark.usefixtures("mug")
def test_the_keyboard_stays_on_the_chip_that_it_pressed(browser: Browser, live_server: LiveServer) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{live_server.url}/p/mug/?colour=blue&size=small")
        page.get_by_role("link", name="Red").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Red")).to_have_attribute("aria-current", "true")
        expect(page.get_by_role("link", name="Red")).to_be_focused()
