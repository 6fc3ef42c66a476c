"""The cart keeps what it says it keeps, whatever is sent to it."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth import get_user
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from shop.cart.cart import Cart
from shop.cart.models import KeptLine
from shop.catalogue.models import Stock, Variant
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def kept(client: Client) -> dict[str, int]:
    """What the table says."""
    return {line.sku: line.quantity for line in KeptLine.objects.of(cart_of(client).holder)}


def cart_of(client: Client) -> Cart:
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = get_user(request)
    return Cart(request)


def said(client: Client, path: str, **fields: object) -> str:
    """The page on which the shopper ends up."""
    answer = client.post(path, fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def news_on(page: str) -> dict[str, list[str]]:
    """What the note on new prices sends along."""
    form = page[page.index("news-note") :].partition("</form>")[0]
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', form) for name in ("sku", "price")}


def test_adding_twice_adds_up(client: Client) -> None:
    sku = VariantFactory().sku
    said(client, "/cart/add/", sku=sku, quantity=2)
    said(client, "/cart/add/", sku=sku, quantity=3)
    assert kept(client) == {sku: 5}


def test_the_cart_knows_its_lines_sums_and_count(client: Client) -> None:
    dear, cheap = VariantFactory(price=Decimal(10)), VariantFactory(price=Decimal("0.55"))
    said(client, "/cart/add/", sku=dear.sku, quantity=1)
    said(client, "/cart/add/", sku=cheap.sku, quantity=2)
    cart = cart_of(client)
    assert [(line.variant, line.amount) for line in cart.lines] == [(dear, Decimal(10)), (cheap, Decimal("1.10"))]
    assert (cart.total, cart.count, cart.is_empty, cart.is_short) == (Decimal("11.10"), 3, False, False)


@pytest.mark.parametrize("quantity", ["0", "-1", "", "two", "1.5", "1e3", "NaN", "9" * 30, "9" * 6000, "\x00", "💐"])
def test_a_bad_quantity_is_refused_and_nothing_changes(client: Client, quantity: str) -> None:
    variant = VariantFactory()
    said(client, "/cart/add/", sku=variant.sku, quantity=2)
    assert "message error" in said(client, "/cart/add/", sku=variant.sku, quantity=quantity)
    assert kept(client) == {variant.sku: 2}


@pytest.mark.parametrize("quantity", ["-1", "", "two", "1.5", "9" * 30])
def test_a_bad_new_quantity_is_refused_and_nothing_changes(client: Client, quantity: str) -> None:
    variant = VariantFactory()
    said(client, "/cart/add/", sku=variant.sku, quantity=2)
    assert "message error" in said(client, "/cart/set/", sku=variant.sku, quantity=quantity)
    assert kept(client) == {variant.sku: 2}


@pytest.mark.parametrize("sku", ["", "no-such-sku", "x" * 500, "a\x00b", "' OR 1=1 --"])
@pytest.mark.parametrize("path", ["/cart/add/", "/cart/set/"])
def test_an_unknown_sku_is_refused_and_nothing_changes(client: Client, path: str, sku: str) -> None:
    assert "message error" in said(client, path, sku=sku, quantity=1)
    assert kept(client) == {}


def test_a_form_without_fields_is_refused(client: Client) -> None:
    assert "message error" in said(client, "/cart/add/")
    assert kept(client) == {}


@pytest.mark.parametrize("asked", [4, 10**9])
@pytest.mark.parametrize("path", ["/cart/add/", "/cart/set/"])
def test_the_cart_holds_no_more_than_there_are_and_says_so(client: Client, path: str, asked: int) -> None:
    variant = VariantFactory(pieces=3)
    assert "Only 3 of" in said(client, path, sku=variant.sku, quantity=asked)
    assert kept(client) == {variant.sku: 3}


@pytest.mark.parametrize("path", ["/cart/add/", "/cart/set/"])
def test_what_is_sold_out_does_not_get_in(client: Client, path: str) -> None:
    variant = VariantFactory(pieces=0)
    assert "is sold out" in said(client, path, sku=variant.sku, quantity=1)
    assert kept(client) == {}


def test_a_quantity_of_nothing_takes_the_line_out(client: Client) -> None:
    variant = VariantFactory()
    said(client, "/cart/add/", sku=variant.sku, quantity=2)
    assert "out of your cart" in said(client, "/cart/set/", sku=variant.sku, quantity=0)
    assert kept(client) == {}


def test_a_line_that_became_short_is_shown_and_bars_the_checkout(client: Client) -> None:
    variant = VariantFactory(pieces=5)
    said(client, "/cart/add/", sku=variant.sku, quantity=5)
    Stock.objects.filter(variant=variant).update(reserved=3)
    page = client.get("/cart/").content.decode()
    assert "Only 2 left, you ask for 5." in page
    assert "To the checkout" not in page
    assert kept(client) == {variant.sku: 5}


def test_a_deleted_product_leaves_the_cart_with_a_word(client: Client) -> None:
    stays, goes = VariantFactory(), VariantFactory()
    for variant in (stays, goes):
        said(client, "/cart/add/", sku=variant.sku, quantity=1)
    title = goes.product.title
    goes.product.delete()
    assert cart_of(client).quantities == {stays.sku: 1}
    assert f"no longer in your cart: {title}." in client.get("/cart/").content.decode()
    assert kept(client) == {stays.sku: 1}


def test_the_cart_page_asks_as_much_for_one_line_as_for_many(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    said(client, "/cart/add/", sku=VariantFactory().sku, quantity=1)
    client.get("/cart/")
    with django_assert_num_queries(6, exact=False) as few:
        client.get("/cart/")
    queries = len(few)
    for _ in range(20):
        said(client, "/cart/add/", sku=VariantFactory().sku, quantity=1)
    client.get("/cart/")
    with django_assert_num_queries(queries):
        client.get("/cart/")


@pytest.mark.parametrize("path", ["/cart/add/", "/cart/set/"])
def test_looking_never_changes_a_cart(client: Client, path: str) -> None:
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("path", ["/cart/add/", "/cart/set/"])
def test_a_form_of_another_site_is_turned_away_in_the_shops_own_words(path: str) -> None:
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post(path, {"sku": VariantFactory().sku, "quantity": 1})
    assert answer.status_code == 403
    assert "Please try once more" in answer.content.decode()
    assert kept(careful) == {}


def test_the_shopper_goes_back_to_his_page_and_to_no_other_site(client: Client) -> None:
    fields = {"sku": VariantFactory().sku, "quantity": 1}
    assert client.post("/cart/add/", fields | {"next": "/p/owl/"}).headers["Location"] == "/p/owl/"
    elsewhere = ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"]
    nowhere = ["", "account", "order", "no-such-view", "../..", "/" + "x" * 5000, "\x00/", "[::1"]
    for address in [*elsewhere, *nowhere]:
        assert client.post("/cart/add/", fields | {"next": address}).headers["Location"] == "/cart/"


def test_htmx_gets_the_words_and_the_count_in_place(client: Client) -> None:
    fields = {"sku": VariantFactory().sku, "quantity": 2}
    part = client.post("/cart/add/", fields, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "In your cart: 2 ×" in part
    assert 'id="cart-link"' in part
    assert 'hx-swap-oob="true"' in part


def test_htmx_gets_the_new_lines_and_sums(client: Client) -> None:
    variant = VariantFactory(price=Decimal("2.55"))
    said(client, "/cart/add/", sku=variant.sku, quantity=2)
    fields = {"sku": variant.sku, "quantity": 3}
    part = client.post("/cart/set/", fields, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "£7.65" in part
    assert "In your cart: 3 ×" in part


def test_what_was_ordered_leaves_the_cart_and_what_changed_meanwhile_stays(client: Client) -> None:
    ordered, changed = VariantFactory().sku, VariantFactory().sku
    said(client, "/cart/add/", sku=ordered, quantity=1)
    said(client, "/cart/add/", sku=changed, quantity=3)
    cart_of(client).take_out({ordered: 1, changed: 2})
    assert kept(client) == {changed: 3}


def test_a_new_price_is_shown_until_the_shopper_has_seen_it(client: Client) -> None:
    variant = VariantFactory(price=Decimal("2.55"))
    said(client, "/cart/add/", sku=variant.sku, quantity=2)
    assert "have changed" not in client.get("/cart/").content.decode()
    Variant.objects.filter(pk=variant.pk).update(price=Decimal("3.20"))
    for _ in range(2):
        page = client.get("/cart/").content.decode()
        assert "It was £2.55 when you put it in; it is £3.20 now." in page
        assert "£6.40" in page
    assert "have changed" not in said(client, "/cart/accept/", **news_on(page))
    assert cart_of(client).lines[0].seen_price == Decimal("3.20")


def test_a_price_that_changed_once_more_is_not_accepted_unseen(client: Client) -> None:
    variant = VariantFactory(price=Decimal("2.55"))
    said(client, "/cart/add/", sku=variant.sku, quantity=1)
    Variant.objects.update(price=Decimal("3.20"))
    shown = news_on(client.get("/cart/").content.decode())
    Variant.objects.update(price=Decimal("9.90"))
    for told in (shown, {}, {"sku": variant.sku}, {"price": "9.90"}, {"sku": variant.sku, "price": "NaN"}):
        assert "It was £2.55 when you put it in; it is £9.90 now." in said(client, "/cart/accept/", **told)


@pytest.mark.parametrize("path", ["/cart/add/", "/cart/set/"])
def test_another_quantity_does_not_hide_that_the_price_has_changed(client: Client, path: str) -> None:
    variant = VariantFactory(price=Decimal("2.55"))
    said(client, "/cart/add/", sku=variant.sku, quantity=1)
    Variant.objects.update(price=Decimal("3.20"))
    said(client, path, sku=variant.sku, quantity=3)
    assert "It was £2.55 when you put it in; it is £3.20 now." in client.get("/cart/").content.decode()


@pytest.mark.databases
def test_a_thousand_million_and_as_many_again_are_all_there_are(client: Client) -> None:
    variant = VariantFactory(price=Decimal("1.00"))
    Stock.objects.update(on_hand=2_000_000_000)
    for _ in range(3):
        said(client, "/cart/add/", sku=variant.sku, quantity=1_500_000_000)
    assert kept(client) == {variant.sku: 2_000_000_000}
    page = client.get("/checkout/").content.decode()
    assert "This is more than one order can hold." in page


def test_what_is_left_is_taken_by_one_press(client: Client) -> None:
    variant = VariantFactory(pieces=5)
    said(client, "/cart/add/", sku=variant.sku, quantity=5)
    Stock.objects.filter(variant=variant).update(reserved=3)
    assert "Take the 2 that are left" in client.get("/cart/").content.decode()
    said(client, "/cart/set/", sku=variant.sku, quantity=2)
    assert "To the checkout" in client.get("/cart/").content.decode()


def test_a_mere_look_leaves_no_session_and_no_cookie(client: Client) -> None:
    assert client.get("/cart/").cookies.get("sessionid") is None
