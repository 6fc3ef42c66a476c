"""A quote in a real browser: asked for from the cart, priced by staff, taken; wide and narrow, with and without
JavaScript."""

from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from orders.models import Order, Quotation
from queue_table.testing import run_due_jobs
from tests.browser.steps import fill_in_the_address
from tests.factories import VariantFactory
from tests.test_return_browser import context, fits, look, open_link, page, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["context", "look", "page", "staff"]  # the same browsers


def test_from_the_cart_to_the_payment(page: Page, staff: Page, screenshots: Path, look: str) -> None:
    cache.clear()
    variant = VariantFactory()
    page.goto(variant.product.get_absolute_url())
    page.get_by_role("button", name="Put in the cart").click()
    expect(page.locator("main").get_by_role("link", name="To the cart").first).to_be_visible()
    page.goto("/cart/")
    page.get_by_role("link", name="Ask for a quote").click()
    page.get_by_label("What do you need?").fill("With a ribbon, please.")
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_text("nothing you typed is lost")).to_be_visible()
    fill_in_the_address(page)
    page.screenshot(path=screenshots / f"quote-ask-{look}.png", full_page=True)
    assert fits(page)
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_role("heading", name="We have your question")).to_be_visible()

    quotation = Quotation.objects.get()
    staff.goto(f"/admin/orders/quotation/{quotation.pk}/change/")
    staff.get_by_role("link", name="Send the quote").click()
    staff.get_by_label(f"{variant.full_title} × 1").fill("2.00")
    staff.get_by_label("Delivery costs").fill("4")
    staff.get_by_role("button", name="Show the sums").click()
    expect(staff.get_by_text("£6.00")).to_be_visible()
    staff.screenshot(path=screenshots / f"quote-staff-{look}.png", full_page=True)
    staff.get_by_role("button", name="Send the quote").click()
    expect(staff.get_by_text("The customer decides.")).to_be_visible()

    run_due_jobs()
    page.context.clear_cookies()
    open_link(page, "Your quote")
    expect(page.get_by_role("heading", name="Here is your quote")).to_be_visible()
    page.screenshot(path=screenshots / f"quote-{look}.png", full_page=True)
    assert fits(page)
    page.get_by_role("button", name="Take it and pay £6.00").click()
    expect(page.get_by_role("button", name="Go to payment")).to_be_visible()
    assert Order.objects.get().status == "pending"
