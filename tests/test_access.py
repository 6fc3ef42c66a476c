"""Who gets what answer, for every address there is: the addresses come from the URLconf, so none can be forgotten."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.customers import PASSWORD, address_of, customer, order_of
from tests.factories import VariantFactory

PEOPLE = ["anonymous", "other customer", "owner", "staff without permission"]
# Names | what each of PEOPLE gets by GET | and by POST. A status, or where he is sent: `in` to the log-in, `admin` to
# the admin's door, `again` to the question for his password, `on` to another page. Things belong to the owner.
ALLOWED = """
home category product search readyz            | 200   200   200   200   | 405   405   405   405
picture_file metrics                           | 404   404   404   404   | 405   405   405   405
cart                                           | 200   200   200   200   | 405   405   405   405
cart_add cart_set cart_accept set_language     | 405   405   405   405   | on    on    on    on
checkout                                       | on    on    on    on    | on    on    on    on
order                                          | 404   404   200   404   | 405   405   405   405
order_pay                                      | 404   404   200   404   | 404   404   on    404
order_cancel order_receive                     | 405   405   405   405   | 404   404   on    404
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
    """A customer with all that one can have, another one, and a clerk who may do nothing."""

    def __init__(self, *, with_key: bool) -> None:
        self.owner, self.other = customer("ada@example.org"), customer("bob@example.org")
        self.clerk = customer("clerk@example.org", is_staff=True)
        self.order, self.address = order_of(self.owner), address_of(self.owner)
        self.goods = VariantFactory().product
        Authenticator.objects.create(user=self.owner, type="totp", data={"secret": "A"})
        RecoveryCodes.activate(self.owner)
        if with_key:
            self.key = Authenticator.objects.create(
                user=self.owner, type="webauthn", data={"name": "key", "credential": {}}
            )

    def client(self, person: str, *, asked_again: bool) -> Client:
        client = Client()
        user = {"other customer": self.other, "owner": self.owner, "staff without permission": self.clerk}.get(person)
        if user:
            client.force_login(user)
        if user and asked_again:
            client.post("/account/reauthenticate/", {"password": PASSWORD})
        return client

    def path(self, name: str, pattern: str) -> str:
        known = {
            "number": self.order.number,
            "reference": self.order.payments.get().reference,
            "slug": self.goods.category.slug if name == "category" else self.goods.slug,
            "pk": self.key.pk if "keys/" in pattern else self.address.pk,
            "key": self._key_of_a_new_address() if name == "account_confirm_email" else "nonsense",
            "uidb36": "1",
            "path": "none.jpg",
            "gateway_name": "sandbox",
            "app_label": "orders",
            "object_id": "0",
            "content_type_id": "1",
            "url": "nowhere",
            "id": "1",
            "from_date": "1",
            "user_id": "1",
        }
        if name.endswith(":None"):
            return "/" + re.sub(
                r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>.*\)\$", lambda found: known[found[1] or found[2]], pattern
            )
        given = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        return reverse(name, kwargs={parameter: known[parameter] for parameter in given})

    def _key_of_a_new_address(self) -> str:
        return str(EmailConfirmationHMAC(EmailAddress.objects.create(user=self.owner, email="ada@new.example")).key)


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
    house = House(with_key="keys/" in pattern)
    path = house.path(name, pattern)
    clients = [house.client(person, asked_again="/2fa/" in path) for person in PEOPLE]
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


def test_no_row_of_the_table_speaks_of_an_address_that_is_gone() -> None:
    assert set(RULES) - {rule_of(*route) for route in routes(get_resolver())} == set()
