"""A shopper who has no mouse: Tab, Enter and Space alone, and always sees where he is."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import ADDRESS

pytestmark = pytest.mark.browser
MOST_STEPS = 80
# What has the focus: its name, whether it is visible, and whether its outline is.
FOCUS = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const box = here.getBoundingClientRect(), style = getComputedStyle(here);
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  const outlined = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
  return { name: here.outerHTML.slice(0, 80), seen, outlined };
}"""


@pytest.fixture
def look() -> str:
    return "desktop"


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until the wanted thing has the focus; each stop on the way can be seen."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:  # round by the browser's own bar
            continue
        assert focus["seen"], focus
        assert focus["outlined"], focus
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"no way by Tab to {wanted}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement === document.body ? '' : document.activeElement.outerHTML"))


def test_an_order_is_made_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.locator("main .product-card").first)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Put in the cart"))
    page.keyboard.press("Space")
    to_the_cart = page.locator("#buy-note").get_by_role("link", name="To the cart")
    expect(to_the_cart).to_be_visible()
    assert "Put in the cart" in focused(page)
    tab_to(page, to_the_cart)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="To the checkout"))
    page.keyboard.press("Enter")
    for label, words in ADDRESS.items():
        tab_to(page, page.get_by_label(label))
        page.keyboard.type(words)
    tab_to(page, page.get_by_label("Country"))
    page.keyboard.type("United K")
    tab_to(page, page.get_by_role("button", name="Order and pay"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Go to payment"))


def test_what_is_swapped_away_passes_the_focus_on(page: Page) -> None:
    page.goto("/")
    page.goto(page.locator("main .product-card").first.get_attribute("href") or "")
    page.get_by_role("button", name="Put in the cart").click()
    expect(page.locator("#buy-note .message")).to_be_visible()
    page.goto("/cart/")
    take_out = page.get_by_role("button", name="Take out")
    take_out.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()
    page.wait_for_function("document.activeElement !== document.body")
    assert "Your cart is empty" in focused(page) or "message" in focused(page)


def test_a_button_that_was_pressed_waits_and_sends_once(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto("/")
    page.goto(page.locator("main .product-card").first.get_attribute("href") or "")
    button = page.get_by_role("button", name="Put in the cart")
    page.evaluate("document.querySelector('.buy button').focus()")
    page.evaluate("for (let n = 0; n < 3; n += 1) document.querySelector('.buy button').click()")
    expect(page.locator("#buy-note .message")).to_be_visible()
    expect(button).to_be_focused()
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert len(sent) == 1
