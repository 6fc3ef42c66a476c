"""Every form of the shop, filled with all that a stranger could type: an answer in words, and nothing is lost."""

import pytest
from django.contrib.auth.models import User
from django.utils.html import escape

from orders.lifecycle import Actor
from orders.models import Order
from orders.paying import record_payment
from queue_table.lifecycle import Status
from queue_table.models import Job
from shop.cart.models import KeptLine
from shop.customers.models import Address
from shop.mails.models import Mail
from tests.attacks import FEW, HOSTILE, wounds
from tests.customers import PASSWORD, browser_of
from tests.factories import VariantFactory
from tests.shopping import ADDRESS, checkout_fields, notice_for, run_queue, shopper_with
from tests.test_access import House

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
SHOPPERS = ["/", "/cart/", "/checkout/", "/p/{slug}/", "/c/{category}/", "/orders/find/"]
STRANGERS = ["/account/login/", "/account/signup/", "/account/password/reset/"]
CUSTOMERS = ["/account/profile/", "/account/addresses/add/", "/account/addresses/{address}/", "/account/email/"]
CUSTOMERS += ["/account/password/change/", "/account/2fa/totp/activate/", "/orders/{order}/", "/orders/{order}/return/"]
WORDS = [name for name in HOSTILE if name not in {"nothing", "spaces", "NUL", "long", "controls", "not a character"}]


@pytest.mark.parametrize("path", [*SHOPPERS, *STRANGERS])
def test_no_form_of_a_shoppers_page_breaks(path: str) -> None:
    variant = VariantFactory()
    client = shopper_with({variant.sku: 1})
    client.cookies.pop("messages", None)
    product = variant.product
    assert wounds(client, path.format(slug=product.slug, category=product.category.slug)) == []


@pytest.mark.parametrize("path", CUSTOMERS)
def test_no_form_of_a_customers_page_breaks(path: str) -> None:
    house = House(second_factor=False)
    client = house.client("owner")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    address = house.path("account_address", "<pk>").split("/")[3]
    assert wounds(client, path.format(address=address, order=house.received.number)) == []


@pytest.mark.parametrize("name", FEW)
def test_whatever_is_typed_into_the_checkout_the_cart_stays_and_what_was_right_is_there_again(name: str) -> None:
    variant = VariantFactory()
    client = shopper_with({variant.sku: 2})
    wrong = dict.fromkeys(("name", "email", "address", "city", "country", "note", "voucher", "method"), HOSTILE[name])
    for button in ({"update": "1"}, {}):
        page = client.post("/checkout/", checkout_fields(client) | {"postcode": "SW1 9ZZ"} | wrong | button)
        assert (page.status_code, Order.objects.count()) == (200, 0)
        assert 'value="SW1 9ZZ"' in page.content.decode()
    assert list(KeptLine.objects.values_list("sku", "quantity")) == [(variant.sku, 2)]


@pytest.mark.parametrize("name", ["emoji", "right to left", "combining", "markup", "controls"])
def test_a_name_of_any_letters_goes_all_the_way(name: str) -> None:
    """Kept as it was typed; the order's page, the mails, the invoice, the PDF and the admin stand it, escaped."""
    client = shopper_with({VariantFactory().sku: 1})
    typed = HOSTILE[name][:100].strip()
    wanted = dict.fromkeys(("name", "address", "city", "note"), typed)
    client.post("/checkout/", checkout_fields(client) | wanted)
    order = Order.objects.get()
    assert {key: getattr(order, key) for key in wanted} == wanted | {"note": typed.replace("\r\n", "\n")}
    record_payment(notice_for(order.payments.get()), Actor.PROVIDER)
    run_queue()
    assert not Job.objects.filter(status=Status.FAILED).exists()
    assert not [mail for mail in Mail.objects.all() if "<script>alert" in mail.html]
    root = browser_of(User.objects.create_superuser("root"))
    pages = [client.get(f"/orders/{order.number}/{page}") for page in ("", "invoice/", "invoice.pdf")]
    for answer in [*pages, root.get(f"/admin/orders/order/{order.pk}/change/")]:
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content
    assert escape(typed) in pages[1].content.decode()


def test_an_address_of_any_letters_is_kept_as_it_was_typed() -> None:
    client = House(second_factor=False).client("owner")
    for name in WORDS:
        typed = HOSTILE[name][:20].strip()
        fields = {key: typed for key in ADDRESS if key not in {"email", "country"}} | {"country": "GB"}
        assert client.post("/account/addresses/add/", fields).status_code == 302
        kept = Address.objects.latest("pk")
        assert {key: getattr(kept, key) for key in fields} == fields
