"""An order's pages are for the session that placed it: to everybody else they do not exist."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from orders.models import Order
from tests.at_once import at_once
from tests.factories import VariantFactory
from tests.shopping import checkout_fields, new_key, placed_order, shopper_with, status, submit_as, take_cookies

pytestmark = pytest.mark.django_db
ORDER_PAGES = {"": "get", "pay/": "post", "return/": "get", "cancel/": "post", "received/": "post"}
OTHER_PAGES = {"invoice/": "get", "invoice.pdf": "get", "return/1/withdraw/": "post"}  # an order may have none of these


def submit(client: Client, fields: dict[str, str]) -> Any:
    return client.post("/checkout/", fields)


def said(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("path", ORDER_PAGES | OTHER_PAGES)
def test_an_order_is_there_for_the_session_that_placed_it_and_for_nobody_else(path: str) -> None:
    shopper, other = (shopper_with({VariantFactory().sku: 1}) for _ in range(2))
    number = submit(shopper, checkout_fields(shopper))["Location"].split("/")[2]
    submit(other, checkout_fields(other))
    staff = Client()
    staff.force_login(User.objects.create_user("staff", is_staff=True))
    superuser = Client()
    superuser.force_login(User.objects.create_superuser("root"))
    method = (ORDER_PAGES | OTHER_PAGES)[path]
    for stranger in (Client(), other, staff, superuser):
        for place in (number, number.lower(), "AAAA-AAAA-AAAA", "%00", f"{number}%20"):
            assert getattr(stranger, method)(f"/orders/{place}/{path}").status_code == 404
    assert status(Order.objects.get(number=number)) == "pending"
    assert getattr(shopper, method)(f"/orders/{number}/{path}").status_code in (
        {200, 302} if path in ORDER_PAGES else {404}
    )


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_two_orders_at_the_very_same_moment_are_both_seen_by_the_browser_that_placed_them() -> None:
    variant = VariantFactory(pieces=100)
    for _ in range(6):
        client = shopper_with({variant.sku: 1})
        fields, cookie = checkout_fields(client), client.cookies["sessionid"].value
        answers = at_once(*(partial(submit_as, cookie, fields | {"key": new_key()}) for _ in range(2)))
        take_cookies(client, answers)
        pages = [answer["Location"].removesuffix("pay/") for answer in answers]
        assert [client.get(page).status_code for page in pages] == [200, 200]
        assert len(set(pages)) == 2


def test_the_right_to_see_an_order_is_for_its_own_pages_and_can_not_be_forged() -> None:
    client, order, other = shopper_with({VariantFactory().sku: 1}), placed_order(), placed_order()
    submit(client, checkout_fields(client))
    own = Order.objects.exclude(pk__in=[order.pk, other.pk]).get()
    cookie = client.cookies[f"order-{own.number}"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/orders/{own.number}/", True, "Lax")
    for forged in (cookie.value, other.number, f"{other.number}:x:y", "", "\x00"):
        stranger = Client()
        stranger.cookies[f"order-{other.number}"] = forged
        assert stranger.get(f"/orders/{other.number}/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert client.get(f"/orders/{own.number}/").status_code == 404


def test_a_customer_sees_his_orders_wherever_he_is_logged_in_and_no_longer_when_he_is_not() -> None:
    ada, bob = (User.objects.create_user(name) for name in ("ada", "bob"))
    order = placed_order()
    Order.objects.update(customer=f"customer:{ada.pk}")
    client = Client()
    for user, seen in ((bob, 404), (ada, 200)):
        client.force_login(user)
        assert client.get(f"/orders/{order.number}/").status_code == seen
        assert client.get(f"/orders/{order.number.lower()}/").status_code == 404
        assert client.get("/orders/%00/").status_code == 404
    client.logout()
    assert client.get(f"/orders/{order.number}/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/orders/x/cancel/", "/orders/x/received/", "/orders/x/return/1/withdraw/", "/cart/add/", "/cart/set/"]
)
def test_what_changes_something_is_no_get(path: str) -> None:
    assert Client().get(path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/checkout/", "/cart/add/", *(f"/orders/x/{p}" for p in ORDER_PAGES if p), "/sandbox-pay/x/"]
)
def test_a_post_without_the_forms_token_gets_the_page_that_explains_it(path: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(path)
    assert (answer.status_code, "Please try once more" in said(answer)) == (403, True)


def test_nobody_is_thanked_for_receiving_what_was_not_sent() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    submit(client, checkout_fields(client))
    answer = client.post(f"/orders/{Order.objects.get().number}/received/", follow=True)
    assert "We are glad that it arrived" not in said(answer)
    assert "Only the payment is missing" in said(answer)


def test_order_pages_are_never_kept_by_a_cache() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    pages = [client.get("/checkout/"), client.get("/cart/")]
    pay = submit(client, checkout_fields(client))["Location"]
    order = Order.objects.get()
    paths = [pay, f"/orders/{order.number}/", f"/sandbox-pay/{order.payments.get().reference}/"]
    for answer in [*pages, *map(client.get, paths)]:
        assert answer.status_code == 200
        assert {"no-store", "private"} <= {word.strip() for word in answer["Cache-Control"].split(",")}


@pytest.mark.parametrize(("permissions", "reads"), [((), 403), (("view_order",), 200), (("view_shipment",), 403)])
def test_staff_act_on_orders_only_with_permission(permissions: tuple[str, ...], reads: int) -> None:
    order = placed_order()
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    page = "/admin/orders/order/"
    assert [client.get(path).status_code for path in (page, f"{page}{order.pk}/change/")] == [reads, reads]
    for action in ("cancel", "money_came", "delete_selected"):
        client.post(page, {"action": action, "_selected_action": [order.pk]})
    assert status(order) == "pending"
