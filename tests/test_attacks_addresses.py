"""Every parameter of every address, and addresses themselves, with nonsense in them: a page or a 404, never a 500."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attacks import FEW, HOSTILE, answered, hurts
from tests.factories import ProductFactory, made
from tests.shopping import shopper_with
from tests.test_access import House, routes

pytestmark = [pytest.mark.django_db, pytest.mark.databases]
PARAMETERS = "q sort page p price_from price_to in_stock option picture colour next token key email voucher".split()
PAGES = ["/", "/c/{category}/", "/p/{slug}/", "/search/?q=a", "/sitemap-products.xml", "/sitemap.xml", "/cart/"]
PAGES += ["/checkout/", "/orders/find/", "/account/login/", "/account/orders/"]


@pytest.mark.parametrize("path", PAGES)
def test_nonsense_in_a_query_breaks_no_page(path: str) -> None:
    product = made(ProductFactory(), colour="red").product
    client = House(second_factor=False).client("owner")
    address = path.format(slug=product.slug, category=product.category.slug)
    for attack in FEW:
        text = HOSTILE[attack]
        for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
            answer = client.get(address, {name: [text, text] for name in PARAMETERS}, **headers)
            assert not hurts(answer), attack
            assert answer.status_code != 400 or "\x00" in text, attack


@pytest.mark.parametrize(
    "path",
    ["/c/{}/", "/p/{}/", "/orders/{}/", "/orders/{}/pay/", "/orders/link/{}/", "/media/{}", "/{}/", "/sitemap-{}.xml"],
)
def test_an_address_that_leads_nowhere_is_a_404(path: str) -> None:
    client = shopper_with({})
    for text in filter(str.strip, HOSTILE.values()):
        assert client.get(path.format(quote(text, safe=""))).status_code in {302, 400, 404}, text


# Without passkeys: those of the house are no real ones, and to ask for one parses all that are kept.
PLACES = sorted({place for place in routes(get_resolver()) if "webauthn" not in place[1]})
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NONSENSE = st.one_of(ANY_TEXT, st.sampled_from(list(HOSTILE.values())), st.integers().map(str), st.floats().map(str))
FIELDS = st.dictionaries(st.one_of(st.sampled_from(PARAMETERS), ANY_TEXT), NONSENSE, max_size=4)


@given(data=st.data(), query=FIELDS, fields=FIELDS)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_address_breaks_whoever_asks_for_it_with_whatever(
    street: tuple[list[str], list[Client]], data: st.DataObject, query: Any, fields: Any
) -> None:
    paths, people = street
    path, client = data.draw(st.sampled_from(paths)), people[data.draw(st.integers(0, 2))]
    assert not hurts(answered(client, "get", path, query))
    assert not hurts(answered(client, "post", path, fields))


@pytest.fixture
def street() -> tuple[list[str], list[Client]]:
    """Every address of the shop, each of a thing that is there; a stranger, the things' owner and a superuser."""
    house, root = House(second_factor=False), Client()
    root.force_login(User.objects.create_superuser("root"))
    return [house.path(*place) for place in PLACES], [Client(), house.client("owner"), root]
