"""How money is rounded and written. The one place that knows how many decimals a currency has."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language

NO_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "KRW": "₩", "INR": "₹", "JPY": "¥", "CNY": "CN¥"}
SYMBOLS_AT_HOME = {"zh": {"JPY": "JP¥", "CNY": "¥"}}
NO_BREAK_SPACE, MINUS = "\u00a0", "\u2212"


def decimals(currency: str) -> int:
    """How many figures stand behind the point."""
    return 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def smallest(currency: str) -> Decimal:
    """The least amount that can be paid: 0.01, 1, 0.001."""
    return Decimal(1).scaleb(-decimals(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The nearest amount that can be paid in `currency`; a half goes away from zero."""
    return amount.quantize(smallest(currency), ROUND_HALF_UP)


def written(amount: Decimal, currency: str) -> str:
    """The amount for reading, in the active language: £2.55, ¥120, KWD 2.550."""
    payable = rounded(amount, currency)
    return f"{MINUS if payable < 0 else ''}{_sign(currency)}{abs(payable):,f}"


def _sign(currency: str) -> str:
    at_home = SYMBOLS_AT_HOME.get((get_language() or "").partition("-")[0], {})
    return at_home.get(currency) or SYMBOLS.get(currency) or f"{currency}{NO_BREAK_SPACE}"
