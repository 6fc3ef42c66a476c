"""How many decimals a currency has, and how money is rounded. The one place that knows."""

from decimal import ROUND_HALF_UP, Decimal

NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def decimals(currency: str) -> int:
    """How many figures stand behind the point."""
    return 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def smallest(currency: str) -> Decimal:
    """The least amount that can be paid: 0.01, 1, 0.001."""
    return Decimal(1).scaleb(-decimals(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The nearest amount that can be paid in `currency`; a half goes away from zero."""
    return amount.quantize(smallest(currency), ROUND_HALF_UP)
