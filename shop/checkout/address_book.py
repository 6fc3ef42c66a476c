"""The shopper's own addresses, for the checkout's form. No other can be named: what is not his is not there."""

from django.contrib.auth.models import AnonymousUser, User

from shop.customers.models import Address

FIELDS = ("name", "address", "city", "postcode", "country")


def addresses(user: User | AnonymousUser) -> list[Address]:
    """The address book, the usual address first; empty for guests."""
    return list(user.addresses.all()) if user.is_authenticated else []


def typed(address: Address) -> dict[str, str]:
    """The address as if it had been typed into the form."""
    return {name: getattr(address, name) for name in FIELDS}


def find(user: User | AnonymousUser, key: str) -> Address | None:
    """The address of this key in the shopper's own book."""
    return next((address for address in addresses(user) if str(address.pk) == key), None)
