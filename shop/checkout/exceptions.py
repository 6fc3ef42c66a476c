"""What the checkout refuses."""

from collections.abc import Mapping, Sequence


class CheckoutRefused(Exception):
    """Nothing was ordered, and the cart is as it was."""


class CartChanged(CheckoutRefused):
    """What the shopper saw is not what it costs or what there is; `changes` are words about it, where it is known."""

    def __init__(self, changes: Sequence[str] = ()) -> None:
        super().__init__("the order is not the one that the shopper saw")
        self.changes = changes


class CartEmpty(CheckoutRefused):
    """There is nothing to order."""


class ChoiceRefused(CheckoutRefused):
    """A choice can't be had. `problems` maps the form's field (empty: the whole) to words for the shopper."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(f"refused: {', '.join(problems)}")
        self.problems = problems
