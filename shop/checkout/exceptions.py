"""What the checkout refuses."""


class CheckoutRefused(Exception):
    """Nothing was ordered, and the cart is as it was."""


class CartChanged(CheckoutRefused):
    """What the shopper saw is not what it costs or what there is. The new cart must be shown first."""


class CartEmpty(CheckoutRefused):
    """There is nothing to order."""
