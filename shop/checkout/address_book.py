"""The shopper's own addresses, for the checkout's form. No other can be named: what is not his is not there."""

from django.contrib.auth.models import AnonymousUser, User

from orders.drafts import Contact
from shop.customers.addresses import WRITTEN_ON_A_PARCEL, keep_new_address
from shop.customers.models import Address


def addresses(user: User | AnonymousUser) -> list[Address]:
    """The address book, the usual address first; empty for guests."""
    return list(user.addresses.all()) if user.is_authenticated else []


def typed(address: Address) -> dict[str, str]:
    """The address as if it had been typed into the form."""
    return {name: getattr(address, name) for name in WRITTEN_ON_A_PARCEL}


def find(user: User | AnonymousUser, key: str) -> Address | None:
    """The address of this key in the shopper's own book."""
    return next((address for address in addresses(user) if str(address.pk) == key), None)


def keep(user: User | AnonymousUser, contact: Contact) -> None:
    """Adds the order's address to the shopper's own book, if it is not there yet; a guest has none. Raises BookFull."""
    if user.is_authenticated:
        keep_new_address(Address(user=user, **{name: getattr(contact, name) for name in WRITTEN_ON_A_PARCEL}))
