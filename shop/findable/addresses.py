"""Addresses as others write them down: whole, and one for each thing."""

from django.conf import settings


def absolute(path: str) -> str:
    """The path at the shop's own address, whichever host was asked; what is whole already stays as it is."""
    return path if path.startswith(("https://", "http://")) else f"{settings.SHOP_URL}{path}"


def numbered(path: str, number: int) -> str:
    """The canonical address of a page of a list: filters and sorting show the same goods and have no place in it."""
    return absolute(f"{path}?page={number}" if number > 1 else path)
