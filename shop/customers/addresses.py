"""The address book. Each change locks its customer's row, so that the limit and the one default hold."""

from django.contrib.auth.models import User
from django.db import transaction

from shop.customers.exceptions import BookFull
from shop.customers.models import Address
from shop.customers.querysets import AddressQuerySet

MOST_ADDRESSES = 30
WRITTEN_ON_A_PARCEL = ("name", "address", "city", "postcode", "country")


@transaction.atomic
def keep_address(address: Address) -> None:
    """Saves it, new or changed; the first of a book is its default. Raises BookFull."""
    book = _locked_book(address)
    if address._state.adding and book.count() >= MOST_ADDRESSES:
        raise BookFull
    address.save()
    if address.is_default or not book.filter(is_default=True).exists():
        book.make_default(address.pk)


@transaction.atomic
def keep_new_address(address: Address) -> None:
    """The same, unless the book has it already: name, street, town, postcode and country. Raises BookFull."""
    if not _locked_book(address).filter(**{name: getattr(address, name) for name in WRITTEN_ON_A_PARCEL}).exists():
        keep_address(address)


@transaction.atomic
def remove_address(address: Address) -> None:
    """Takes it out of the book; if it was the default, the oldest that is left follows. Orders keep their copies."""
    book = _locked_book(address)
    address.delete()
    heir = None if book.filter(is_default=True).exists() else book.order_by("pk").first()
    if heir:
        book.make_default(heir.pk)


def _locked_book(address: Address) -> AddressQuerySet:
    User.objects.select_for_update().get(pk=address.user_id)
    return Address.objects.filter(user_id=address.user_id)
