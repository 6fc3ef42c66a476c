"""The checkout page: what was seen is what is ordered, what was typed is never lost, slips are told in their place."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from orders.models import Order, Payment
from queue_table.models import Job
from shop.catalogue.models import Stock, Variant
from shop.checkout.models import ShippingRate, TaxRate, Voucher
from shop.customers.models import Address
from tests.factories import ShippingRateFactory, VariantFactory, VoucherFactory
from tests.shopping import ADDRESS, checkout_fields, hidden_fields, shopper_with

databases = pytest.mark.databases
pytestmark = pytest.mark.django_db
TYPED = {"name": "Ada", "email": "half-typed@", "address": "", "city": "", "postcode": "", "note": "Ring & wait."}


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


def nothing_is_ordered() -> bool:
    return not any(model.objects.exists() for model in (Order, Payment, Job))


def update(client: Client, **fields: str) -> Any:
    return client.post("/checkout/", ADDRESS | fields | {"update": "1"})


@databases
def test_the_summary_is_what_is_charged() -> None:
    ShippingRateFactory(method__code="post", price="2.95")
    TaxRate.objects.create(country="GB", percent=20)
    VoucherFactory(code="HELLO", amount=2)
    client = shopper_with({VariantFactory(price="10.00").sku: 2})
    page = update(client, voucher="hello")
    for amount in ("£20.00", "−£2.00", "£2.95", "£20.95", "£3.49"):
        assert amount in said(page)
    client.post("/checkout/", ADDRESS | {"voucher": "hello", "method": "post"} | hidden_fields(page))
    order = Order.objects.get()
    assert (order.total, order.tax, order.shipping_tax) == (Decimal("20.95"), Decimal("3.49"), Decimal("0.49"))
    assert order.payments.get().amount == order.total
    shown = said(client.get(f"/orders/{order.number}/"))
    for amount in ("£20.00", "−£2.00", "£2.95", "£20.95", "£3.49", "HELLO"):
        assert amount in shown


def test_tax_that_is_not_in_the_prices_is_added(settings: Any) -> None:
    settings.PRICES_INCLUDE_TAX = False
    TaxRate.objects.create(country="GB", percent=20)
    client = shopper_with({VariantFactory(price="10.00").sku: 1})
    page = client.get("/checkout/")
    assert "£12.00" in said(page)
    client.post("/checkout/", ADDRESS | hidden_fields(page))
    assert Order.objects.get().total == 12


def test_each_country_has_its_tax_and_one_without_a_rate_has_none() -> None:
    TaxRate.objects.create(country="DE", percent=19)
    TaxRate.objects.create(country="DE", percent=7, tax_class="reduced")
    client = shopper_with({VariantFactory(price="11.90", product__tax_class="standard").sku: 1})
    assert update(client, country="DE").context["quote"].tax == Decimal("1.90")
    assert update(client, country="US").context["quote"].tax == 0


@pytest.mark.parametrize("button", [{"update": "1"}, {"update": ""}, {"saved": "7"}])
def test_counting_anew_orders_nothing_keeps_what_was_typed_and_complains_of_nothing_unfilled(
    button: dict[str, str],
) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    shown = hidden_fields(client.get("/checkout/"))
    answer = client.post("/checkout/", TYPED | {"country": "FR"} | shown | button)
    assert nothing_is_ordered()
    page = said(answer)
    for kept in ('value="Ada"', 'value="half-typed@"', "Ring &amp; wait.", '<option value="FR" selected>'):
        assert kept in page
    assert "errorlist" not in page
    assert answer.context["form"].key == shown["key"]


def test_what_was_typed_is_there_again_when_he_comes_back_from_the_cart() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    update(client, **TYPED)
    page = said(client.get("/checkout/"))
    assert 'value="half-typed@"' in page
    assert "Ring &amp; wait." in page
    client.post("/checkout/", checkout_fields(client))
    client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
    assert "Ring &amp; wait." not in said(client.get("/checkout/"))  # it went with its order


@pytest.mark.parametrize("size", [10_000, 200_000])
def test_however_much_is_typed_the_session_keeps_little(size: int) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    assert update(client, note="x" * size, voucher="v" * size, method="m" * size).status_code == 200
    assert len(str(dict(client.session))) < 5_000


CHANGES = [
    (lambda: Variant.objects.update(price="7.00"), "now costs £7.00, before it was £2.55"),
    (lambda: ShippingRate.objects.update(price="4.00"), "Delivery is now £4.00, before it was £2.95"),
    (lambda: Voucher.objects.update(amount=2), "The discount is now £2.00, before it was £1.00"),
    (lambda: TaxRate.objects.update(percent=10), "The tax is now £0.41, before it was £0.75"),
    (lambda: Voucher.objects.update(limit_total=0), "This voucher has been used up"),
    (lambda: Voucher.objects.all().delete(), "We know no voucher with this code"),
    (lambda: ShippingRate.objects.update(countries=["FR"]), "We do not deliver to United Kingdom yet"),
]


@databases
@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[words for _change, words in CHANGES])
def test_whatever_changed_meanwhile_is_said_and_nothing_is_ordered(change: Any, words: str) -> None:
    ShippingRateFactory(method__code="post", price="2.95")
    TaxRate.objects.create(country="GB", percent=20)
    VoucherFactory(code="HELLO", amount=1)
    client = shopper_with({VariantFactory(price="2.55").sku: 1})
    fields = ADDRESS | {"voucher": "HELLO", "method": "post"} | hidden_fields(update(client, voucher="HELLO"))
    change()
    answer = client.post("/checkout/", fields)
    assert words in said(answer)
    assert nothing_is_ordered()
    assert 'value="Ada Lovelace"' in said(answer)


def test_a_cart_that_another_tab_changed_to_the_same_sum_is_not_ordered_unseen() -> None:
    first, second = VariantFactory(price="5.00"), VariantFactory(price="5.00")
    client = shopper_with({first.sku: 1})
    fields = checkout_fields(client)
    client.post("/cart/set/", {"sku": first.sku, "quantity": 0})
    client.post("/cart/add/", {"sku": second.sku, "quantity": 1})
    answer = client.post("/checkout/", fields)
    assert "other things in your cart" in said(answer)
    assert nothing_is_ordered()
    assert client.post("/checkout/", fields | hidden_fields(answer)).status_code == 302


@pytest.mark.parametrize("change", ["unpublished", "deleted"])
def test_goods_that_left_the_shop_are_not_ordered_unseen(change: str) -> None:
    kept, gone = VariantFactory(price="5.00"), VariantFactory(price="0.00")
    client = shopper_with({kept.sku: 1, gone.sku: 1})
    fields = checkout_fields(client)
    if change == "deleted":
        gone.delete()
    else:
        type(gone.product).objects.filter(pk=gone.product_id).update(published=False)
    assert "The sum has changed" in said(client.post("/checkout/", fields))
    assert nothing_is_ordered()


@pytest.mark.parametrize("seal", ["", "nonsense", "a:b:c", "\x00", "🎁", "x" * 100_000])
@pytest.mark.parametrize(
    "total", ["NaN", "sNaN", "1e400", "-Infinity", "2,55", "two", "", "\x00", "9" * 100_000, "٢٫٥٥"]
)
def test_a_sum_that_no_page_of_ours_sent_orders_nothing(total: str, seal: str) -> None:
    client = shopper_with({VariantFactory(price="2.55").sku: 1})
    answer = client.post("/checkout/", checkout_fields(client) | {"expected_total": total, "seen": seal})
    assert (answer.status_code, "The sum has changed" in said(answer)) == (200, True)
    assert nothing_is_ordered()


@pytest.mark.parametrize("key", ["", "short", "k" * 65, "\x00" * 30, "🎁" * 20])
def test_a_page_without_its_key_is_shown_again_with_a_new_one(key: str) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    answer = client.post("/checkout/", checkout_fields(client) | {"key": key})
    assert "This page had grown old" in said(answer)
    assert nothing_is_ordered()
    assert client.post("/checkout/", ADDRESS | hidden_fields(answer)).status_code == 302


def test_each_slip_is_told_beside_its_field_and_in_a_list_that_leads_there() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    page = said(client.post("/checkout/", checkout_fields(client) | {"name": "", "email": "ada", "country": ""}))
    for field in ("name", "email"):
        tag = re.search(rf'<input[^>]*id="id_{field}"[^>]*>', page)
        assert tag
        assert 'aria-invalid="true"' in tag[0]
        assert f"id_{field}_error" in tag[0]
        assert f'id="id_{field}_error"' in page
    summary = page[page.index('id="errors"') : page.index("</ul>", page.index('id="errors"'))]
    assert re.findall(r'href="#(\w+)"', summary) == ["id_name", "id_email", "id_country"]
    assert nothing_is_ordered()


@databases
@pytest.mark.parametrize("note", ["Happy birthday 🎂\r\n生日快乐", "مرحبا", "x" * 498 + "\r\n" + "y"])
def test_a_note_comes_with_the_order(note: str) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    assert client.post("/checkout/", checkout_fields(client) | {"note": note}).status_code == 302
    order = Order.objects.get()
    assert order.note == note.replace("\r\n", "\n")
    assert note.splitlines()[0] in said(client.get(f"/orders/{order.number}/"))


@pytest.mark.parametrize("note", ["x" * 501, "\x00"])
def test_a_note_that_can_not_be_kept_is_refused(note: str) -> None:
    client = shopper_with({VariantFactory().sku: 1})
    assert 'id="id_note_error"' in said(client.post("/checkout/", checkout_fields(client) | {"note": note}))
    assert nothing_is_ordered()


def test_an_order_keeps_the_shoppers_language() -> None:
    client = shopper_with({VariantFactory().sku: 1}, headers={"accept-language": "zh-hans"})
    client.post("/checkout/", checkout_fields(client))
    assert Order.objects.get().language == "zh-hans"


def customer(username: str, **address: Any) -> tuple[Client, User]:
    user = User.objects.create_user(username, email=f"{username}@example.org")
    if address:
        Address.objects.create(user=user, **{"city": "Paris", "postcode": "75", "country": "FR"} | address)
    client = Client()
    client.force_login(user)
    client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
    return client, user


def test_a_customer_finds_his_mail_and_his_usual_address_in_the_form() -> None:
    client, user = customer("ada", name="Ada L", address="1 rue X", is_default=True)
    page = said(client.get("/checkout/"))
    for known in ('value="ada@example.org"', 'value="Ada L"', "1 rue X", '<option value="FR" selected>'):
        assert known in page
    client.post("/checkout/", checkout_fields(client))
    assert Order.objects.get().customer == f"customer:{user.pk}"


def test_an_address_of_his_own_book_fills_the_form_and_nobody_elses_does() -> None:
    client, user = customer("ada", name="Ada L", address="1 rue X")
    own = user.addresses.get()
    _other, stranger = customer("eve", name="Eve E", address="9 rue Z")
    page = said(client.post("/checkout/", TYPED | {"country": "GB", "saved": str(own.pk)}))
    assert "1 rue X" in page
    assert 'value="half-typed@"' in page
    for key in (str(stranger.addresses.get().pk), "0", "-1", "abc", "\x00", "9" * 5000, "１"):
        page = said(client.post("/checkout/", TYPED | {"country": "GB", "saved": key}))
        assert "There is no such address in your address book" in page
        assert "Eve" not in page
        assert "9 rue Z" not in page
    assert nothing_is_ordered()


def kept_streets(user: User) -> list[str]:
    return list(user.addresses.values_list("address", flat=True))


@databases
def test_an_address_typed_by_a_customer_is_kept_in_his_book_if_he_says_so() -> None:
    client, user = customer("ada")
    page = said(client.get("/checkout/"))
    assert "Keep this address in my address book" in page
    assert not re.search(r'name="keep_address"[^>]*checked', page)
    client.post("/checkout/", checkout_fields(client))
    assert kept_streets(user) == []
    for _order in range(2):
        client.post("/cart/add/", {"sku": VariantFactory().sku, "quantity": 1})
        client.post("/checkout/", checkout_fields(client) | {"keep_address": "on"})
    assert kept_streets(user) == [ADDRESS["address"]]
    assert user.addresses.get().is_default
    assert Order.objects.count() == 3


def test_a_guest_is_offered_no_address_book_and_has_none() -> None:
    client = shopper_with({VariantFactory().sku: 1})
    assert "keep_address" not in said(client.get("/checkout/"))
    client.post("/checkout/", checkout_fields(client) | {"keep_address": "on"})
    assert Order.objects.count() == 1
    assert not Address.objects.exists()


def test_a_full_address_book_is_told_and_costs_no_order() -> None:
    client, user = customer("ada", name="Ada L", address="1 rue X")
    kept = {"city": "Paris", "country": "FR", "name": "Ada L"}
    Address.objects.bulk_create(Address(user=user, address=f"{n} rue Y", **kept) for n in range(29))
    answer = client.post("/checkout/", checkout_fields(client) | {"keep_address": "on"}, follow=True)
    assert "your address book is full" in said(answer)
    assert (Order.objects.count(), user.addresses.count()) == (1, 30)


def test_more_than_an_order_can_hold_is_told_so() -> None:
    variant = VariantFactory(price="900000000", pieces=2)
    client = shopper_with({variant.sku: 2})
    assert "more than one order can hold" in said(client.post("/checkout/", checkout_fields(client)))
    assert nothing_is_ordered()


@pytest.mark.parametrize("quantity", ["-1", "0", "1000000000000", "1e9", "\x00"])
def test_a_cart_can_not_be_brought_to_nonsense_on_the_way(quantity: str) -> None:
    variant = VariantFactory(pieces=3)
    client = shopper_with({variant.sku: 1})
    fields = checkout_fields(client)
    client.post("/cart/set/", {"sku": variant.sku, "quantity": quantity})
    client.post("/checkout/", fields)
    assert Stock.objects.get(pk=variant.pk).reserved in {0, 1}
    assert all(order.total == Decimal("2.55") for order in Order.objects.all())


def test_a_cart_that_another_tab_emptied_leads_to_the_cart() -> None:
    variant = VariantFactory()
    client = shopper_with({variant.sku: 1})
    client.post("/cart/set/", {"sku": variant.sku, "quantity": 0})
    assert update(client)["Location"] == "/cart/"
    answer = client.post("/checkout/", ADDRESS | {"update": "1"}, headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == "/cart/"


def test_htmx_gets_the_page_whose_parts_it_takes() -> None:
    ShippingRateFactory()
    client = shopper_with({VariantFactory().sku: 1})
    page = said(client.get("/checkout/"))
    parts = re.findall(r'hx-select-oob="([^"]+)"', page)
    assert len(parts) == 2
    for part in ",".join(parts).split(","):
        assert page.count(f'id="{part[1:].partition(":")[0]}"') == 1, part
