"""What a caller hands in to open an order."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who the order is for and where it goes. `country` is an ISO 3166 code of two letters."""

    name: str
    email: str
    address: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True, kw_only=True)
class LineDraft:
    """A snapshot of what is bought, at the price that was promised."""

    sku: str
    title: str
    unit_price: Decimal
    quantity: int
