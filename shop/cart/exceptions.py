"""What the cart refuses."""


class NoLongerSold(Exception):
    """The catalogue has no such sku. The cart is as it was."""
