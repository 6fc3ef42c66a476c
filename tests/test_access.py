"""Who gets what answer, for every address there is: the addresses come from the URLconf, so none can be forgotten."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from orders.invoicing import issue_invoice
from orders.lifecycle import Actor, OrderStatus
from orders.links import mint_link
from orders.models import Order, OrderEvent, Return, ReturnPhoto
from tests.customers import PASSWORD, address_of, customer, order_of
from tests.factories import VariantFactory
from tests.quotes import asked_quote

PEOPLE = ["anonymous", "other customer", "owner", "staff without permission"]
# Names | what each of PEOPLE gets by GET | and by POST. A status, or where he is sent: `in` to the log-in, `admin` to
# the admin's door, `again` to the question for his password, `on` to another page. Things belong to the owner.
ALLOWED = """
home category product search readyz            | 200   200   200   200   | 405   405   405   405
sitemap_part                                   | 200   200   200   200   | 200   200   200   200
robots sitemap                                 | 200   200   200   200   | 405   405   405   405
picture_file metrics                           | 404   404   404   404   | 405   405   405   405
cart                                           | 200   200   200   200   | 405   405   405   405
cart_add cart_set cart_accept set_language     | 405   405   405   405   | on    on    on    on
checkout                                       | on    on    on    on    | on    on    on    on
order                                          | 404   404   200   404   | 405   405   405   405
order_pay                                      | 404   404   200   404   | 404   404   on    404
order_cancel order_receive                     | 405   405   405   405   | 404   404   on    404
order_invoice order_invoice_pdf                | 404   404   200   404   | 405   405   405   405
order_return order_withdrawal                  | 404   404   200   404   | 404   404   200   404
order_return_withdraw order_return_sent        | 405   405   405   405   | 404   404   on    404
order_return_photo                             | 404   404   200   404   | 405   405   405   405
order_link                                     | on    on    on    on    | 405   405   405   405
order_find                                     | 200   200   200   200   | 200   200   200   200
quote_ask                                      | on    on    on    on    | on    on    on    on
order_quote                                    | 404   404   200   404   | 405   405   405   405
order_quote_take order_quote_decline           | 405   405   405   405   | 404   404   on    404
sandbox_payment                                | 200   200   200   200   | 200   200   200   200
payment_callback                               | 405   405   405   405   | 401   401   401   401

account account_orders account_addresses       | in    200   200   200   | in    405   405   405
account_profile account_address_add            | in    200   200   200   | in    200   200   200
account_address                                | in    404   200   404   | in    404   200   404
account_address_remove account_address_default | in    405   405   405   | in    404   on    404

account_login account_signup                   | 200   on    on    on    | 200   on    on    on
account_logout                                 | on    200   200   200   | on    on    on    on
account_reset_password                         | 200   200   200   200   | 200   200   200   200
account_reset_password_from_key                | 200   200   200   200   | 200   200   200   200
account_reset_password_done account_inactive   | 200   200   200   200   | 405   405   405   405
account_reset_password_from_key_done           | 200   200   200   200   | 405   405   405   405
account_email_verification_sent                | 200   200   200   200   | 405   405   405   405
account_confirm_email                          | 200   200   200   200   | in    in    on    in
account_confirm_login_code mfa_authenticate    | in    on    on    on    | in    on    on    on
mfa_login_webauthn                             | in    on    on    on    | in    on    on    on
account_reauthenticate account_change_password | in    200   200   200   | in    200   200   200
account_set_password                           | in    on    on    on    | in    on    on    on
account_email                                  | in    200   200   200   | in    on    on    on
mfa_index mfa_list_webauthn                    | in    200   200   200   | in    405   405   405
mfa_reauthenticate                             | in    again 200   again | in    again 200   again
mfa_reauthenticate_webauthn                    | in    again again again | in    again again again
mfa_activate_totp                              | in    200   on    200   | in    200   on    200
mfa_deactivate_totp                            | in    404   200   404   | in    404   on    404
mfa_view_recovery_codes                        | in    404   200   404   | in    405   405   405
mfa_download_recovery_codes                    | in    404   200   404   | in    404   405   404
mfa_add_webauthn                               | in    200   200   200   | in    200   200   200
mfa_generate_recovery_codes                    | in    200   200   200   | in    200   on    200
mfa_remove_webauthn                            | in    404   200   404   | in    404   on    404
mfa_edit_webauthn                              | in    404   200   404   | in    404   200   404
usersessions_list                              | in    200   200   200   | in    on    on    on

admin:login                                    | in    403   403   on    | in    403   403   on
admin:logout                                   | on    on    on    405   | on    on    on    200
admin:index admin:password_change              | admin admin admin 200   | admin admin admin 200
admin:password_change_done admin:jsi18n        | admin admin admin 200   | admin admin admin 405
admin:autocomplete                             | admin admin admin 403   | admin admin admin 405
admin:view_on_site admin:app_list              | admin admin admin 404   | admin admin admin 404
admin:_history admin:_/<path:object_id>/       | admin admin admin on    | admin admin admin on
admin:_/(?P<url>.*)$                           | admin admin admin 404   | admin admin admin 404
admin:_                                        | admin admin admin 403   | admin admin admin 403
"""
RULES = {
    name: [column.split() for column in columns]
    for names, *columns in (line.split("|") for line in ALLOWED.splitlines() if line)
    for name in names.split()
}


def routes(resolver: Any, namespace: str = "", before: str = "") -> Iterator[tuple[str, str]]:
    """Each address's name and its pattern as text."""
    for pattern in resolver.url_patterns:
        text = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace, text)
        else:
            yield f"{namespace}{pattern.name}", text


def rule_of(name: str, pattern: str) -> str:
    """The row that speaks of an address; the admin's that none names have the row of their ending, or the last."""
    if name in RULES or not name.startswith("admin:"):
        return name
    endings = [row for row in RULES if row.startswith("admin:_") and f"{name} {pattern}".endswith(row[7:])]
    return max([*endings, *(row for row in RULES if row == "admin:_history" and name.endswith("_history"))], key=len)


class House:
    """A customer, whose the things are, another one, and a clerk who may do nothing. Things are made when asked for."""

    def __init__(self, *, second_factor: bool) -> None:
        self.owner, other = customer("ada@example.org"), customer("bob@example.org")
        clerk = customer("clerk@example.org", is_staff=True)
        self.people = dict(zip(PEOPLE, [None, other, self.owner, clerk], strict=True))
        self.second_factor = second_factor
        if second_factor:
            Authenticator.objects.create(user=self.owner, type="totp", data={"secret": "A"})
            RecoveryCodes.activate(self.owner)

    def client(self, person: str) -> Client:
        client, user = Client(), self.people[person]
        if user:
            client.force_login(user)
        if user and self.second_factor:
            client.post("/account/reauthenticate/", {"password": PASSWORD})
        return client

    @cached_property
    def order(self) -> Order:
        return order_of(self.owner)

    @cached_property
    def received(self) -> Order:
        """An order at its end, with its invoice."""
        issue_invoice(self.order.pk, timezone.now())
        Order.objects.filter(pk=self.order.pk).update(status=OrderStatus.COMPLETED)
        OrderEvent.objects.create(order=self.order, kind=OrderEvent.Kind.COMPLETED, actor=Actor.CUSTOMER)
        return self.order

    @cached_property
    def draft(self) -> Order:
        """Asked for by the owner."""
        order = asked_quote()
        Order.objects.filter(pk=order.pk).update(customer=f"customer:{self.owner.pk}")
        return order

    def path(self, name: str, pattern: str) -> str:
        if name.endswith(":None"):
            return "/" + re.sub(r"<(?:\w+:)?\w+>|\(\?P<\w+>.*\)\$", "0", pattern)
        parameters = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        return reverse(name, kwargs={p: MADE.get(f"{name} {p}", MADE[p])(self) for p in parameters})


MADE: dict[str, Callable[[House], Any]] = {
    "number": lambda house: house.order.number,
    "order_invoice number": lambda house: house.received.number,
    "order_invoice_pdf number": lambda house: house.received.number,
    "order_return number": lambda house: house.received.number,
    "order_withdrawal number": lambda house: house.received.number,
    "order_return_withdraw number": lambda house: house.received.number,
    "order_return_sent number": lambda house: house.received.number,
    "order_return_sent pk": lambda house: Return.objects.create(order=house.received, reason="broken").pk,
    "order_return_photo number": lambda house: house.received.number,
    "order_return_photo pk": lambda house: photo_of(house.received).pk,
    "order_return_withdraw pk": lambda house: Return.objects.create(order=house.received, reason="broken").pk,
    "order_quote number": lambda house: house.draft.number,
    "order_quote_take number": lambda house: house.draft.number,
    "order_quote_decline number": lambda house: house.draft.number,
    "token": lambda house: mint_link(house.order, timezone.now()),
    "reference": lambda house: house.order.payments.get().reference,
    "slug": lambda house: VariantFactory().product.slug,
    "category slug": lambda house: VariantFactory().product.category.slug,
    "section": lambda house: "products",
    "pk": lambda house: address_of(house.owner).pk,
    "mfa_remove_webauthn pk": lambda house: key_of(house.owner).pk,
    "mfa_edit_webauthn pk": lambda house: key_of(house.owner).pk,
    "account_confirm_email key": lambda house: (
        EmailConfirmationHMAC(EmailAddress.objects.create(user=house.owner, email="ada@new.example")).key
    ),
    "key": lambda house: "nonsense",
    "uidb36": lambda house: "1",
    "path": lambda house: "none.jpg",
    "gateway_name": lambda house: "sandbox",
    "app_label": lambda house: "orders",
    "photo": lambda house: "0",
    "deed": lambda house: "receive",
    **dict.fromkeys(["object_id", "content_type_id", "id", "from_date", "user_id"], lambda house: "0"),
}


def photo_of(order: Order) -> ReturnPhoto:
    asked = Return.objects.create(order=order, reason="broken")
    return ReturnPhoto.objects.create(parent=asked, content=b"RIFF", width=1, height=1)


def key_of(user: User) -> Authenticator:
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": "key", "credential": {}})


def said(answer: Any) -> str:
    sent = answer.headers.get("Location", "")
    if answer.status_code != 302:
        return str(answer.status_code)
    for word, path in {"in": "/account/login/", "admin": "/admin/login/", "again": "/account/reauthenticate/"}.items():
        if sent.startswith(path):
            return word
    return "on"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "pattern"), sorted(set(routes(get_resolver()))))
def test_each_address_answers_each_person_as_the_table_allows(name: str, pattern: str) -> None:
    allowed = RULES.get(rule_of(name, pattern))
    assert allowed, f"Nobody has said yet who may see {name}: give it a row in ALLOWED."
    house = House(second_factor="/2fa/" in pattern)
    path = house.path(name, pattern)
    clients = [house.client(person) for person in PEOPLE]
    for method, answers in zip(("get", "post"), allowed, strict=True):
        given = [_said_and_undone(client, method, path) for client in clients]
        assert dict(zip(PEOPLE, given, strict=True)) == dict(zip(PEOPLE, answers, strict=True)), method


def _said_and_undone(client: Client, method: str, path: str) -> str:
    """What the answer is, with all its effects taken back: each answer comes from the same house."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = said(getattr(client, method)(path))
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


PERSONAL = ("account", "mfa_", "usersessions", "order", "cart", "checkout", "quote", "sandbox_payment")


@pytest.mark.django_db
def test_no_browser_and_no_cache_keeps_a_page_with_somebodys_things() -> None:
    house = House(second_factor=True)
    client = house.client("owner")
    for name, pattern in sorted(set(routes(get_resolver()))):
        if name.startswith(PERSONAL) and name != "mfa_reauthenticate_webauthn":  # it would read a real key
            answer = client.get(house.path(name, pattern))
            kept = answer.status_code == 200 and "no-store" not in answer["Cache-Control"]
            assert not kept, name


def test_no_row_of_the_table_speaks_of_an_address_that_is_gone() -> None:
    assert set(RULES) - {rule_of(*route) for route in routes(get_resolver())} == set()
