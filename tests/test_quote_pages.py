"""The pages of a quote: asked for from the cart, seen by its holder, priced by staff, taken as it was seen."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from orders.lifecycle import Actor
from orders.models import Order, Quotation
from orders.quotations import decline_quote, expire_quote
from queue_table.testing import run_due_jobs
from shop.mails.models import Mail
from tests.customers import browser_of, customer
from tests.factories import VariantFactory
from tests.page_forms import as_shown
from tests.quotes import asked_quote, make_offer, offered_quote
from tests.shopping import ADDRESS, holder_of, new_key, placed_order, shopper_with, status

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


@pytest.fixture(autouse=True)
def _nothing_is_counted() -> None:
    cache.clear()


def said(answer: Any) -> str:
    return str(answer.content.decode())


def main(answer: Any) -> str:
    page = said(answer)
    return page[page.index("<main") :]


def path(order: Order, act: str = "") -> str:
    return f"/orders/{order.number}/quote/{act}"


def ask(client: Client, **more: str) -> Any:
    fields = ADDRESS | {"note": "With a ribbon, please.", "key": new_key()} | more
    return client.post("/quote/", fields)


def clerk(*permissions: str) -> Client:
    user = User.objects.create_user("sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return browser_of(user)


def deed(order: Order, name: str) -> str:
    return f"/admin/orders/quotation/{order.quotation.pk}/do/{name}/"


def test_the_whole_way_from_the_cart_to_the_payment_as_a_guest() -> None:
    variant = VariantFactory()
    guest = shopper_with({variant.sku: 3})
    assert "/quote/" in said(guest.get("/cart/"))
    assert "Ask for a quote" in said(guest.get("/quote/"))
    asked = ask(guest)
    order = Order.objects.get()
    assert asked["Location"] == path(order)
    assert "We have your question" in said(guest.get(path(order)))
    assert "£" not in main(guest.get(path(order)))
    assert variant.sku in str(guest.get("/cart/").context["cart"].quantities)

    staff = clerk("view_quotation", "change_quotation")
    assert "The customer waits for your price." in said(staff.get("/admin/orders/quotation/?order__status=draft"))
    shown = main_of_admin(staff.get(deed(order, "offer")))
    line = order.lines.get()
    fields = as_shown(shown) | {f"price-{line.pk}": "2.00", "shipping": "4", "answer": "Gladly."}
    preview = staff.post(deed(order, "offer"), fields)
    assert "£10.00" in said(preview)
    assert Quotation.objects.get().revision == 0
    sent = staff.post(deed(order, "offer"), as_shown(main_of_admin(preview)))
    assert sent.status_code == 302
    assert Quotation.objects.get().revision == 1

    run_due_jobs()
    link = re.search(r"/orders/link/[\w-]+/", Mail.objects.filter(subject__startswith="Your quote").get().text)
    assert link
    reader = Client()
    page = reader.get(link[0], follow=True)
    assert page.redirect_chain[-1][0] == path(order)
    for words in ("Here is your quote", "Gladly.", "£2.00 each", "£10.00", "Take it and pay £10.00"):
        assert words in said(page)
    assert reader.post(path(order, "take/"), {"revision": "1"})["Location"] == f"/orders/{order.number}/pay/"
    assert status(order) == "pending"
    assert reader.get(path(order))["Location"] == f"/orders/{order.number}/"
    assert "Only the payment is missing" in said(reader.get(f"/orders/{order.number}/"))
    assert reader.post(path(order, "take/"), {"revision": "1"})["Location"] == f"/orders/{order.number}/pay/"


def main_of_admin(answer: Any) -> str:
    page = said(answer)
    return page[page.index('class="deed-page"') :]


def test_a_customer_finds_his_question_among_his_orders_without_a_price() -> None:
    user = customer()
    client = browser_of(user)
    client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 2})
    ask(client)
    order = Order.objects.get()
    assert order.customer == f"customer:{user.pk}"
    listed = said(client.get("/account/orders/"))
    assert order.number in listed
    assert "£5.10" not in listed
    assert client.get(f"/orders/{order.number}/")["Location"] == path(order)


def test_a_question_of_nobody_s_cart_is_none() -> None:
    assert Client().get("/quote/")["Location"] == "/cart/"
    assert ask(Client())["Location"] == "/cart/"
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"email": "x"}, {"country": "XX"}, {"note": "x" * 501}, {"key": "short"}, {"note": "\x00"}]
)
def test_a_form_that_is_not_right_comes_back_with_what_was_typed(wrong: dict[str, str]) -> None:
    answer = ask(shopper_with({VariantFactory().sku: 1}), **{"city": "Little Snoring"} | wrong)
    assert answer.status_code == 200
    assert "Little Snoring" in said(answer)
    assert not Order.objects.exists()


def test_nobody_asks_more_than_ten_times_an_hour_from_one_place() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    answers = [ask(client).status_code for _ in range(11)]
    assert answers == [302] * 10 + [429]
    assert Order.objects.count() == 10


def test_a_quote_is_its_holder_s_alone() -> None:
    order = offered_quote()
    for client in (Client(), holder_of(placed_order()), browser_of(customer())):
        assert client.get(path(order)).status_code == 404
        for act in ("take/", "decline/"):
            assert client.post(path(order, act), {"revision": "1"}).status_code == 404
    assert status(order) == "draft"


def test_an_order_that_never_was_a_quote_has_no_quote_s_page() -> None:
    order = placed_order()
    for act in ("take/", "decline/"):
        assert holder_of(order).post(path(order, act)).status_code == 404
    assert holder_of(order).get(path(order)).status_code == 404


@pytest.mark.parametrize("revision", ["", "0", "2", "-1", "x", "9" * 5000, "\x00", "٣"])
def test_another_quote_than_the_one_that_was_seen_is_not_taken(revision: str) -> None:
    order = offered_quote()
    page = said(holder_of(order).post(path(order, "take/"), {"revision": revision}, follow=True))
    assert "Meanwhile the quote has changed or is over" in page
    assert status(order) == "draft"


def test_goods_that_are_gone_are_told_and_the_quote_stands() -> None:
    variant = VariantFactory(pieces=3)
    order = offered_quote(variant, 3)
    placed_order(variant=variant, quantity=1)
    page = said(holder_of(order).post(path(order, "take/"), {"revision": "1"}, follow=True))
    assert "there are only 2 left now" in page
    assert "Take it and pay" in page


def test_what_is_over_says_so_and_how_to_go_on() -> None:
    late, expired, declined = offered_quote(), offered_quote(), offered_quote()
    Order.objects.filter(pk=late.pk).update(pay_by=timezone.now() - timedelta(minutes=1))
    expire_quote(expired.pk, expired.pay_by)
    decline_quote(declined.pk, Actor.CUSTOMER)
    for order in (late, expired):
        page = said(holder_of(order).get(f"/orders/{order.number}/", follow=True))
        assert "This quote is over" in page
        assert "Take it and pay" not in page
    assert "Nothing came of this quote" in said(holder_of(declined).get(path(declined)))


def test_a_customer_declines_by_two_presses() -> None:
    order = offered_quote()
    holder_of(order).post(path(order, "decline/"))
    assert status(order) == "cancelled"
    assert holder_of(order).post(path(order, "decline/")).status_code == 302


@pytest.mark.parametrize(
    "wrong", [{"shipping": "-1"}, {"valid_until": "2001-01-01"}, {"days_min": "9", "days_max": "1"}, {"price": "NaN"}]
)
def test_a_price_that_can_not_be_is_asked_again(wrong: dict[str, str]) -> None:
    order, staff = asked_quote(), clerk("view_quotation", "change_quotation")
    fields = as_shown(main_of_admin(staff.get(deed(order, "offer"))))
    price = f"price-{order.lines.get().pk}"
    fields |= {price if name == "price" else name: value for name, value in wrong.items()}
    assert "errorlist" in said(staff.post(deed(order, "offer"), fields))
    assert Quotation.objects.get().revision == 0


def test_prices_that_were_changed_after_the_sums_were_shown_are_shown_again() -> None:
    order, staff = asked_quote(), clerk("view_quotation", "change_quotation")
    preview = staff.post(deed(order, "offer"), as_shown(main_of_admin(staff.get(deed(order, "offer")))))
    changed = as_shown(main_of_admin(preview)) | {"shipping": "99"}
    assert staff.post(deed(order, "offer"), changed).status_code == 200
    assert Quotation.objects.get().revision == 0


def test_a_sku_that_is_gone_can_not_be_quoted() -> None:
    variant = VariantFactory()
    order, staff = asked_quote(variant), clerk("view_quotation", "change_quotation")
    fields = as_shown(main_of_admin(staff.get(deed(order, "offer"))))
    variant.delete()
    assert "No longer in the catalogue" in said(staff.post(deed(order, "offer"), fields))


def test_who_may_only_look_prices_nothing() -> None:
    order, staff = asked_quote(), clerk("view_quotation")
    assert deed(order, "offer") not in said(staff.get(f"/admin/orders/quotation/{order.quotation.pk}/change/"))
    for name in ("offer", "decline"):
        assert staff.get(deed(order, name)).status_code == 403
        assert staff.post(deed(order, name), {"answer": "no"}).status_code == 403
    assert status(order) == "draft"


def test_staff_say_no_and_the_page_shows_their_words() -> None:
    order, staff = asked_quote(), clerk("view_quotation", "change_quotation")
    staff.post(deed(order, "decline"), {"answer": "We can not write on glass."})
    assert status(order) == "cancelled"
    assert "We can not write on glass." in said(holder_of(order).get(path(order)))
    make = staff.post(deed(order, "decline"), {"answer": "no"}, follow=True)
    assert "Meanwhile it has gone on" in said(make)


def test_a_second_offer_by_staff_is_the_one_that_is_shown() -> None:
    order = offered_quote(price="2.00", shipping="0")
    make_offer(order, price="1.50", shipping="0")
    page = said(holder_of(order).get(path(order)))
    assert "Take it and pay £4.50" in page
    assert 'name="revision" value="2"' in page
