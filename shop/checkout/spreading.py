"""A sum of money split so that the parts are the sum."""

from collections.abc import Sequence
from decimal import Decimal


def spread(amount: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Shares of `amount` in proportion to `weights`, each a multiple of `unit`, by largest remainder.

    `amount` and the weights are multiples of `unit` and not negative; the weights are not all 0, unless `amount` is.
    The shares sum to `amount` exactly. No share is more than its weight when `amount` is not more than all weights.
    """
    coins, shares = _coins(amount, unit), [_coins(weight, unit) for weight in weights]
    whole = sum(shares) or 1
    floors = [divmod(coins * share, whole) for share in shares]
    left = coins - sum(floor for floor, _rest in floors)
    by_remainder = sorted(range(len(floors)), key=lambda i: -floors[i][1])  # a tie goes to the first
    lucky = set(by_remainder[:left])
    return [(floor + (i in lucky)) * unit for i, (floor, _rest) in enumerate(floors)]


def _coins(amount: Decimal, unit: Decimal) -> int:
    return int(amount / unit)
