"""How money is written. How it is rounded, orders know: their refunds must come out as the pages' sums do."""

from decimal import Decimal

from django.utils.translation import get_language

from orders.currencies import decimals, rounded, smallest

__all__ = ["decimals", "rounded", "smallest", "written"]

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "KRW": "₩", "INR": "₹", "JPY": "¥", "CNY": "CN¥"}
SYMBOLS_AT_HOME = {"zh": {"JPY": "JP¥", "CNY": "¥"}}
NO_BREAK_SPACE, MINUS = "\u00a0", "\u2212"


def written(amount: Decimal, currency: str) -> str:
    """The amount for reading, in the active language: £2.55, ¥120, KWD 2.550."""
    payable = rounded(amount, currency)
    return f"{MINUS if payable < 0 else ''}{_sign(currency)}{abs(payable):,f}"


def _sign(currency: str) -> str:
    at_home = SYMBOLS_AT_HOME.get((get_language() or "").partition("-")[0], {})
    return at_home.get(currency) or SYMBOLS.get(currency) or f"{currency}{NO_BREAK_SPACE}"
