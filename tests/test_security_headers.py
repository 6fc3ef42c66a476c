"""Every answer carries the same strict headers, and no page needs them to be any weaker."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from orders.models import Order
from shop.catalogue.models import Variant
from tests.factories import VariantFactory
from tests.shopping import checkout_fields, shopper_with

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HOLDS_FRAGMENT = {"HX-Request": "true"}
PAGES: dict[str, tuple[int, Callable[["Visit"], Any]]] = {
    "home": (200, lambda v: v.shopper.get("/")),
    "category": (200, lambda v: v.shopper.get(v.variant.product.category.get_absolute_url())),
    "product": (200, lambda v: v.shopper.get(v.variant.product.get_absolute_url())),
    "search": (200, lambda v: v.shopper.get("/search/", {"q": '"><script>alert(1)</script>'})),
    "cart": (200, lambda v: v.shopper.get("/cart/")),
    "cart fragment": (200, lambda v: v.shopper.post("/cart/set/", {"sku": v.variant.sku}, headers=HOLDS_FRAGMENT)),
    "checkout": (200, lambda v: v.shopper.get("/checkout/")),
    "checkout with errors": (200, lambda v: v.shopper.post("/checkout/", {"name": "<b>"})),
    "order": (200, lambda v: v.shopper.get(f"/orders/{v.order.number}/")),
    "order fragment": (200, lambda v: v.shopper.get(f"/orders/{v.order.number}/", headers=HOLDS_FRAGMENT)),
    "payment": (200, lambda v: v.shopper.get(f"/orders/{v.order.number}/pay/")),
    "provider": (200, lambda v: v.shopper.get(f"/sandbox-pay/{v.order.payments.get().reference}/")),
    "log-in of the admin": (302, lambda v: v.shopper.get("/admin/login/")),
    "log-in": (200, lambda v: v.shopper.get("/account/login/")),
    "sign-up": (200, lambda v: v.shopper.get("/account/signup/")),
    "admin": (200, lambda v: v.staff.get("/admin/")),
    "order in the admin": (200, lambda v: v.staff.get(f"/admin/orders/order/{v.order.pk}/change/")),
    "redirect": (302, lambda v: v.shopper.post("/language/setlang/", {"language": "zh-hans"})),
    "wrong host": (400, lambda v: v.shopper.get("/", headers={"Host": "evil.example"})),
    "callback": (401, lambda v: v.shopper.post("/callbacks/payments/sandbox/")),
    "no token": (403, lambda v: Client(enforce_csrf_checks=True).post("/cart/add/")),
    "no permission": (403, lambda v: v.clerk.get(f"/admin/orders/order/{v.order.pk}/change/")),
    "nowhere": (404, lambda v: v.shopper.get("/nowhere/")),
    "robots": (200, lambda v: v.shopper.get("/robots.txt")),
    "sitemap": (200, lambda v: v.shopper.get("/sitemap.xml")),
    "part of the sitemap": (200, lambda v: v.shopper.get("/sitemap-products.xml")),
    "no picture": (404, lambda v: v.shopper.get("/media/none.jpg")),
    "outside": (400, lambda v: v.shopper.get("/media/../settings.py")),
    "no post": (405, lambda v: v.shopper.get("/cart/add/")),
}


class Visit:
    """A shopper who has ordered and filled the cart again, a superuser, and staff without any permission."""

    def __init__(self) -> None:
        self.variant: Variant = VariantFactory()
        self.shopper = shopper_with({self.variant.sku: 1})
        self.shopper.post("/checkout/", checkout_fields(self.shopper))
        self.order = Order.objects.get()
        self.shopper.post("/cart/add/", {"sku": self.variant.sku, "quantity": 1})
        self.staff, self.clerk = Client(), Client()
        self.staff.force_login(User.objects.create_superuser("root"))
        self.clerk.force_login(User.objects.create_user("clerk", is_staff=True))


class Inline(HTMLParser):
    """Collects what a strict policy would block: scripts and styles in the page itself, handlers, foreign hosts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = (given.get("type") or "").endswith("json")
        blocked = tag == "style" or (tag == "script" and "src" not in given and not is_data) or "style" in given
        address = "" if given.get("rel") == "canonical" else given.get("src") or given.get("href") or ""
        foreign = tag != "a" and address.startswith(("http", "//"))
        if blocked or foreign or any(name.startswith(("on", "hx-on")) for name in given):
            self.found.append(self.get_starttag_text() or tag)


def lacks(answer: Any) -> dict[str, str | None]:
    """The headers that are not as they must be, with what they are."""
    wrong = {name: answer.get(name) for name, value in HEADERS.items() if answer.get(name) != value}
    policy = answer.get("Content-Security-Policy") or ""
    return wrong if set(policy.split("; ")) == POLICY else wrong | {"Content-Security-Policy": policy}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_each_kind_of_answer_has_all_headers_and_nothing_inline(name: str) -> None:
    status, ask = PAGES[name]
    answer = ask(Visit())
    assert answer.status_code == status
    assert lacks(answer) == {}
    assert Inline(answer.content.decode()).found == []
    assert "alert(1)</script>" not in answer.content.decode()


@pytest.mark.django_db
def test_a_page_that_broke_has_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.catalogue.showcase.shelves", lambda: 1 / 0)
    answer = Client(raise_request_exception=False).get("/")
    assert (answer.status_code, lacks(answer)) == (500, {})
    assert "ZeroDivisionError" not in answer.content.decode()


@pytest.mark.django_db
def test_no_other_site_may_embed_what_the_shop_answers() -> None:
    answers = [Client().get("/"), Client().get("/nowhere/")]
    assert {answer.get("Cross-Origin-Resource-Policy") for answer in answers} == {"same-origin"}


@pytest.mark.django_db
def test_the_sessions_cookie_is_for_this_site_alone() -> None:
    cookie = shopper_with({VariantFactory().sku: 1}).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


SCRIPT = """
import json, django; django.setup()
from django.core.management import call_command
from django.test import Client
call_command("collectstatic", interactive=False, verbosity=0)
host = {"host": "shop.example"}
plain, client = Client().get("/", headers=host), Client()
pages = [client.get(path, secure=True, headers=host) for path in ("/", "/checkout/", "/admin/login/", "/nowhere/")]
client.post("/cart/add/", {"sku": "SKU", "quantity": 1}, secure=True, headers=host)
cookies = [morsel.OutputString() for morsel in client.cookies.values()]
print(json.dumps([plain.status_code, plain["Location"], [dict(page.headers) for page in pages], cookies]))
"""


@pytest.mark.django_db(transaction=True)
def test_in_production_all_is_https_and_cookies_are_bound_to_the_host(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    VariantFactory(sku="SKU")
    production = {"ENVIRONMENT": "production", "ALLOWED_HOSTS": "shop.example", "SECRET_KEY": secrets.token_hex(50)}
    environment = process_environment | production | {"DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    status, location, pages, cookies = json.loads(done.stdout)
    assert (status, location) == (301, "https://shop.example/")
    for headers in pages:
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert lacks(headers) == {}
    bound = {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}
    assert {cookie.split("=")[0] for cookie in cookies} >= {"__Host-sessionid", "__Host-csrftoken"}
    for cookie in cookies:
        assert bound <= set(cookie.split("; ")), cookie
