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
    discount: Decimal = Decimal(0)
    tax_rate: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was agreed beside the lines: the sums in `currency`, how it is delivered, what the shopper said.

    total = subtotal - discount + shipping, and + tax where it is not included. `tax_rate` of a line is in percent.
    """

    currency: str
    subtotal: Decimal
    total: Decimal
    discount: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    shipping_tax_rate: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    tax_included: bool = True
    voucher_code: str = ""
    shipping_method: str = ""
    shipping_title: str = ""
    days_min: int | None = None
    days_max: int | None = None
    note: str = ""
    language: str = "en"
