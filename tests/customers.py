"""Customers, and the mails that come to them."""

import re
from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.test import Client

from orders.models import Order
from shop.customers.models import Address
from shop.mails.models import Mail
from tests.shopping import ADDRESS, placed_order

PASSWORD = "nine blue lanterns"


def customer(email: str = "ada@example.org", **about: Any) -> User:
    """Somebody who has proved his address."""
    user = User.objects.create_user(email.partition("@")[0], email, PASSWORD, **about)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def browser_of(user: User) -> Client:
    """A browser in which he is logged in."""
    client = Client()
    client.force_login(user)
    return client


def log_in(client: Client, email: str = "ada@example.org", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/account/login/", {"login": email, "password": password, **more})


def order_of(user: User) -> Order:
    order = placed_order()
    Order.objects.filter(pk=order.pk).update(customer=f"customer:{user.pk}")
    order.refresh_from_db()
    return order


def address_of(user: User, **about: Any) -> Address:
    kept = {name: value for name, value in ADDRESS.items() if name != "email"}
    return Address.objects.create(user=user, **kept | about)


def mailed_link(to: str = "ada@example.org") -> str:
    """The path of the link in the newest mail to this address."""
    link = re.search(r"https?://\S+/account/\S+", Mail.objects.filter(to=to).latest("pk").text)
    assert link
    return urlsplit(link[0]).path
