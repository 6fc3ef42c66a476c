"""Money as Stripe writes it: whole numbers of the smallest unit, with exceptions of its own.

https://docs.stripe.com/currencies
"""

from decimal import Decimal

from orders.exceptions import GatewayRefused

WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THOUSANDTHS = frozenset("BHD JOD KWD OMR TND".split())  # and the last figure must be 0


def in_units(amount: Decimal, currency: str) -> int:
    """Raises GatewayRefused for a sum that Stripe can't take, such as KWD 1.005."""
    units = amount * _per_one(currency)
    if units != units.to_integral_value() or (currency in THOUSANDTHS and units % 10):
        raise GatewayRefused(f"Stripe takes no {amount} {currency}")
    return int(units)


def from_units(units: int, currency: str) -> Decimal:
    return Decimal(units) / _per_one(currency)


def _per_one(currency: str) -> int:
    """Of ISK and UGX, which have no decimals, Stripe counts hundredths all the same."""
    return 1 if currency in WHOLE else 1000 if currency in THOUSANDTHS else 100
