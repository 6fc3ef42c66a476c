"""Each page of the shop in the states that look different, for tests that look at all of them.

A state is a function that brings the shop and the shopper there and returns the address to open.
"""

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import Page

from orders.lifecycle import Actor, PaymentStatus
from orders.services import cancel_order
from shop.catalogue import renewal
from tests.browser.account_states import ACCOUNT_STATES, guess_once_more
from tests.browser.order_states import ORDER_PRESSED, ORDER_STATES
from tests.browser.visit import Visit
from tests.factories import VariantFactory


def _home(visit: Visit) -> str:
    visit.goods()
    return "/"


def _category(visit: Visit) -> str:
    visit.goods(25)
    return "/c/toys/?page=1"


def _product(visit: Visit) -> str:
    return visit.goods().product.get_absolute_url()


def _sold_out(visit: Visit) -> str:
    return VariantFactory(pieces=0).product.get_absolute_url()


def _options(visit: Visit) -> str:
    first = VariantFactory(title="small")
    VariantFactory(product=first.product, title="large", pieces=0)
    return first.product.get_absolute_url()


def _no_longer_sold(visit: Visit) -> str:
    return VariantFactory(product__published=False).product.get_absolute_url()


def _found(visit: Visit) -> str:
    visit.goods()
    renewal.rebuild()
    return "/search/?q=product"


def _cart(visit: Visit) -> str:
    visit.fills_the_cart()
    return "/cart/"


def _short_cart(visit: Visit) -> str:
    variant = visit.fills_the_cart(4)
    variant.stock.__class__.objects.update(on_hand=1)
    return "/cart/"


def _checkout(visit: Visit) -> str:
    visit.fills_the_cart()
    return "/checkout/"


def _order(visit: Visit) -> str:
    return f"/orders/{visit.orders().number}/"


def _payment(visit: Visit) -> str:
    return f"/orders/{visit.orders().number}/pay/"


def _failed(visit: Visit) -> str:
    return f"/orders/{visit.pays(PaymentStatus.FAILED).number}/"


def _on_its_way(visit: Visit) -> str:
    return f"/orders/{visit.receives_a_parcel().number}/"


def _cancelled(visit: Visit) -> str:
    order = visit.orders()
    cancel_order(order, Actor.CUSTOMER)
    return f"/orders/{order.number}/"


def _not_permitted(visit: Visit) -> str:
    visit.client.force_login(User.objects.create_user("clerk", is_staff=True))
    return "/admin/orders/order/"


def _sends_without_cookies(page: Page) -> None:
    page.context.clear_cookies()
    page.get_by_role("button", name="English").click()


def _asks_for_a_link(page: Page) -> None:
    page.locator("main input[name=number]").fill("A-1")
    page.locator("main input[type=email]").fill("ada@example.org")
    page.locator("main form button").click()


# State: the template that makes it, and how to come there.
STATES: dict[str, tuple[str, Callable[[Visit], str]]] = {
    "home": ("catalogue/home.html", _home),
    "home of an empty shop": ("catalogue/home.html", lambda _: "/"),
    "category": ("catalogue/category.html", _category),
    "product": ("catalogue/product.html", _product),
    "product that is sold out": ("catalogue/product.html", _sold_out),
    "product with options": ("catalogue/product.html", _options),
    "product that is no longer sold": ("catalogue/no_longer_sold.html", _no_longer_sold),
    "search": ("catalogue/search.html", _found),
    "search that found nothing": ("catalogue/nothing_found.html", lambda _: "/search/?q=nothing"),
    "cart": ("cart/cart.html", _cart),
    "empty cart": ("cart/cart.html", lambda _: "/cart/"),
    "cart with too much": ("cart/cart.html", _short_cart),
    "checkout": ("checkout/checkout.html", _checkout),
    "payment": ("aftersales/pay_link.html", _payment),
    "order": ("aftersales/order.html", _order),
    "order whose payment failed": ("aftersales/order.html", _failed),
    "order on its way": ("aftersales/order.html", _on_its_way),
    "cancelled order": ("aftersales/order.html", _cancelled),
    "order to be found": ("aftersales/find.html", lambda _: "/orders/find/"),
    "order to be found, sent": ("aftersales/find_sent.html", lambda _: "/orders/find/"),
    "link that opens nothing": ("aftersales/link_over.html", lambda _: f"/orders/link/{'x' * 43}/"),
    "nowhere": ("404.html", lambda _: "/nowhere/"),
    "not permitted": ("403.html", _not_permitted),
    "form from an old page": ("403_csrf.html", lambda _: "/cart/"),
} | (ORDER_STATES | ACCOUNT_STATES)

# What is pressed before a state's page is there.
PRESSED: dict[str, Callable[[Page], None]] = {
    "form from an old page": _sends_without_cookies,
    "order to be found, sent": _asks_for_a_link,
    "too many tries": guess_once_more,
} | ORDER_PRESSED
