"""Staff set delivery, taxes and vouchers; the demo has some, and production refuses them."""

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.signals import pre_save
from django.test import Client

from shop.catalogue.models import TaxClass
from shop.checkout import demo_tariff
from shop.checkout.models import ShippingMethod, ShippingRate, TaxRate, Voucher, VoucherUse
from shop.checkout.promise import promise
from shop.checkout.shipping import offers, read_rates
from tests.factories import VoucherFactory
from tests.shopping import placed_order

pytestmark = pytest.mark.django_db
VOUCHERS = "/admin/checkout/voucher/"


def voucher_fields(**other: Any) -> dict[str, Any]:
    about = {"code": "HELLO", "kind": "fixed", "amount": "5", "percent": "0", "least_subtotal": "0"}
    return about | dict.fromkeys(["starts_at_0", "starts_at_1", "ends_at_0", "ends_at_1"], "") | other


def method_fields(**rate: Any) -> dict[str, Any]:
    about = {"code": "post", "title": "Post", "days_min": 2, "days_max": 4, "tax_class": "standard", "position": 0}
    formset = {"rates-TOTAL_FORMS": 1, "rates-INITIAL_FORMS": 0}
    rates = {"price": "2.95", "countries": ["GB", "IE"]} | rate
    return about | {"active": "on"} | formset | {f"rates-0-{name}": value for name, value in rates.items()}


def test_staff_write_down_a_method_with_its_rates(admin_client: Client) -> None:
    admin_client.post("/admin/checkout/shippingmethod/add/", method_fields(free_from="40", weight_up_to_g="2000"))
    rate = ShippingRate.objects.get()
    assert (rate.method.code, [place.code for place in rate.countries]) == ("post", ["GB", "IE"])
    assert offers(read_rates(), country="IE", weight_g=1, subtotal=Decimal(40))[0].price == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rates-0-price": "-1"}, "Nobody is paid for taking a parcel"),
        ({"days_min": 5}, "At most must not be less than at least"),
        ({"rates-TOTAL_FORMS": 0}, "Please submit at least 1 form"),
    ],
)
def test_a_method_that_makes_no_sense_is_refused_in_words(
    admin_client: Client, wrong: dict[str, Any], words: str
) -> None:
    answer = admin_client.post("/admin/checkout/shippingmethod/add/", method_fields() | wrong)
    assert words in answer.content.decode()
    assert not ShippingMethod.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "hello"}, "capital letters"),
        ({"code": "H" * 41}, "at most 40 characters"),
        ({"amount": "0"}, "How much does it let off?"),
        ({"kind": "percent"}, "How much does it let off?"),
        ({"kind": "percent", "percent": "101"}, "from 0 to 100"),
        ({"least_subtotal": "-1"}, "Sums are 0 or more"),
        (
            {"starts_at_0": "2026-12-02", "starts_at_1": "00:00", "ends_at_0": "2026-12-01", "ends_at_1": "00:00"},
            "It would end before it begins",
        ),
    ],
    ids=str,
)
def test_a_voucher_that_makes_no_sense_is_refused_in_words(
    admin_client: Client, wrong: dict[str, Any], words: str
) -> None:
    assert words in admin_client.post(f"{VOUCHERS}add/", voucher_fields() | wrong).content.decode()
    assert not Voucher.objects.exists()


def test_staff_change_a_voucher_and_never_how_often_it_was_used(admin_client: Client) -> None:
    voucher = VoucherFactory(code="HELLO", used=1)

    def shopper_uses_it(**kwargs: Any) -> None:
        Voucher.objects.filter(pk=voucher.pk).update(used=2)

    pre_save.connect(shopper_uses_it, sender=Voucher)  # after the form was read, before it is written
    try:
        admin_client.post(f"{VOUCHERS}{voucher.pk}/change/", voucher_fields(amount="7", used="0"))
    finally:
        pre_save.disconnect(shopper_uses_it, sender=Voucher)
    voucher.refresh_from_db()
    assert (voucher.amount, voucher.used) == (7, 2)


def test_a_voucher_that_orders_used_is_not_deleted_nor_are_its_uses(admin_client: Client) -> None:
    voucher = VoucherFactory(code="HELLO")
    order = placed_order(voucher="HELLO", expected_total=Decimal("1.55"))
    admin_client.post(f"{VOUCHERS}{voucher.pk}/delete/", {"post": "yes"})
    use = VoucherUse.objects.get()
    assert order.number in admin_client.get("/admin/checkout/voucheruse/").content.decode()
    for act in ("change", "delete"):
        assert admin_client.post(f"/admin/checkout/voucheruse/{use.pk}/{act}/", {"post": "yes"}).status_code == 403
    assert Voucher.objects.count() == VoucherUse.objects.count() == 1


def test_the_demo_has_three_methods_three_vouchers_and_taxes_and_loading_twice_adds_nothing() -> None:
    for _ in range(2):
        call_command("load_demo_tariff", stdout=io.StringIO())
    assert [model.objects.count() for model in (ShippingMethod, Voucher, TaxRate)] == [3, 3, 8]
    assert set(TaxRate.objects.values_list("country", flat=True)) == {"GB", "DE", "FR", "CN"}
    assert promise(read_rates(), weight_g=500).price == Decimal("2.95")
    for rate in [*ShippingMethod.objects.all(), *ShippingRate.objects.all(), *Voucher.objects.all()]:
        rate.full_clean()


def test_what_staff_have_set_stays_and_a_shop_with_any_of_it_is_left_alone() -> None:
    TaxRate.objects.create(country="GB", tax_class=TaxClass.STANDARD, percent=17)
    call_command("load_demo_tariff", "--if-empty")
    assert not ShippingMethod.objects.exists()
    demo_tariff.load()
    assert TaxRate.objects.get(country="GB", tax_class=TaxClass.STANDARD).percent == 17


def test_production_refuses_the_demos_tariff(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("load_demo_tariff")
    assert not ShippingMethod.objects.exists()
