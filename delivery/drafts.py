"""What a caller hands in to open a parcel."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where the parcel goes. `country` is an ISO 3166 code of two letters."""

    name: str
    address: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True, kw_only=True)
class ParcelLine:
    sku: str
    title: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ParcelDraft:
    """All that delivery needs to know of an order, once and for all."""

    order_id: int
    order_number: str
    customer: str
    destination: Destination
    lines: Sequence[ParcelLine]
