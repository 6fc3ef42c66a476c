"""What the delivery system refuses.

DeliveryError
    IllegalMove         the lifecycle has no such move from where the parcel stands
"""


class DeliveryError(Exception):
    """The delivery system does not do this."""


class IllegalMove(DeliveryError):
    """Nothing was changed."""
