"""Staff's forms with nonsense in them: it is told beside the field, and no page breaks."""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from shop.catalogue.models import Category, Option, Product, Stock, StockMovement
from shop.checkout.models import ShippingMethod, ShippingRate, TaxRate, Voucher
from shop.mails.models import Mail
from tests.at_once import at_once
from tests.attacks import FORGED, HOSTILE, Forms, answered, hurts
from tests.customers import customer, mailed_link
from tests.factories import VariantFactory, made

databases = pytest.mark.databases
pytestmark = pytest.mark.django_db
TEXTS = ["nothing", "NUL", "long", "emoji", "minus", "huge", "NaN", "JSON"]
PLACES = ["catalogue/category", "catalogue/product", "catalogue/option", "catalogue/stock", "checkout/shippingmethod"]
PLACES += ["checkout/taxrate", "checkout/voucher"]
QUERY = "q p o e all _popup _to_field _changelist_filters id id__in id__exact category__id__exact kind__exact is_null"


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.org"))
    return client


@pytest.fixture
def goods() -> None:
    """One of each thing that staff may change."""
    made(VariantFactory().product, colour="red")
    method = ShippingMethod.objects.create(code="post", title="Post", days_min=1, days_max=2)
    ShippingRate.objects.create(method=method, price=1)
    TaxRate.objects.create(country="GB", percent=20)
    Voucher.objects.create(code="TEN", kind=Voucher.Kind.FIXED, amount=10)


MODELS: dict[str, Any] = dict(
    zip(PLACES, [Category, Product, Option, Stock, ShippingMethod, TaxRate, Voucher], strict=True)
)


@databases
@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("place", PLACES)
def test_nonsense_in_staffs_forms_is_told_and_breaks_nothing(place: str, root: Client) -> None:
    page = root.get(f"/admin/{place}/{MODELS[place].objects.first().pk}/change/")
    form = max(Forms(page.content.decode()).found, key=lambda form: len(form.visible))
    for name in TEXTS:
        for fields in (form.filled(HOSTILE[name]), *([form.forged(HOSTILE[name])] if name in FORGED else [])):
            assert not hurts(answered(root, "post", page.request["PATH_INFO"], fields)), name


@databases
@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("place", [*PLACES, "orders/order", "mails/mail"])
def test_nonsense_in_the_address_of_staffs_lists_breaks_nothing(place: str, root: Client) -> None:
    for name in TEXTS:
        assert not hurts(answered(root, "get", f"/admin/{place}/", dict.fromkeys(QUERY.split(), HOSTILE[name]))), name
        for parameter in ("q", "id__exact"):
            assert not hurts(answered(root, "get", f"/admin/{place}/", {parameter: HOSTILE[name]})), (name, parameter)


def test_who_reads_mails_gets_no_link_that_sets_a_password_or_opens_an_order(root: Client) -> None:
    customer()
    Client().post("/account/password/reset/", {"email": "ada@example.org"})
    link = mailed_link()
    page = root.get(f"/admin/mails/mail/{Mail.objects.get().pk}/change/").content.decode()
    assert link.split("/")[-2] not in page
    assert "ada@example.org" in page


@databases
@pytest.mark.django_db(transaction=True)
def test_one_delivery_note_booked_by_two_clicks_comes_in_once(root: Client) -> None:
    for number in range(3):
        variant = VariantFactory()
        form = {
            "received": "5",
            "reference": f"note {number}",
            "movements-TOTAL_FORMS": "0",
            "movements-INITIAL_FORMS": "0",
        }
        answers = at_once(*[partial(root.post, f"/admin/catalogue/stock/{variant.pk}/change/", form)] * 3)
        assert {getattr(answer, "status_code", answer) for answer in answers} <= {200, 302}
        assert Stock.objects.get(pk=variant.pk).on_hand == 15
        assert StockMovement.objects.filter(reference=f"note {number}").count() == 1
