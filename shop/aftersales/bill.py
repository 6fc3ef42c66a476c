"""What an invoice says, for the page and for the PDF alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django_countries import countries

from orders.models import Invoice, Order, OrderLine
from shop.aftersales.sums import Part, sums

MOST_ADDRESS_LINES = 6


@dataclass(frozen=True)
class TaxRow:
    """All that is taxed by one rate, in percent: without and with its tax."""

    rate: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class Bill:
    """An invoice with its order, ready to be written."""

    invoice: Invoice

    @property
    def order(self) -> Order:
        return self.invoice.order

    @property
    def lines(self) -> list[OrderLine]:
        return list(self.order.lines.all())

    @property
    def sums(self) -> list[Part]:
        return sums(self.order)

    @property
    def seller(self) -> list[str]:
        return self.invoice.seller.splitlines()

    @property
    def buyer(self) -> list[str]:
        """Name and address, line by line; an address of very many lines in one."""
        order = self.order
        address = [line.strip() for line in order.address.splitlines() if line.strip()]
        address = address if len(address) <= MOST_ADDRESS_LINES else [", ".join(address)]
        country = countries.name(order.country) or order.country
        return [order.name, *address, f"{order.postcode} {order.city}".strip(), str(country)]

    @property
    def taxes(self) -> list[TaxRow]:
        """By rate, the highest first; without what is not taxed."""
        bases: dict[Decimal, tuple[Decimal, Decimal]] = {}
        for rate, amount, tax in self._taxed():
            net, taxes = bases.get(rate, (Decimal(0), Decimal(0)))
            bases[rate] = (net + amount - (tax if self.order.tax_included else 0), taxes + tax)
        return [TaxRow(rate, *bases[rate]) for rate in sorted(bases, reverse=True) if rate]

    def _taxed(self) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
        """Rate, amount charged and its tax, of each line and of the delivery."""
        for line in self.lines:
            yield line.tax_rate, line.amount - line.discount, line.tax
        yield self.order.shipping_tax_rate, self.order.shipping, self.order.shipping_tax
