"""What the order system refuses.

OrderError
    IllegalMove         the lifecycle has no such move from where the thing stands
    BadSignature        a notice that is not the gateway's
    UnknownPayment      a notice for a payment that we never asked for
    UnknownLink         a link that opens no order, or no longer
    AppendOnly          a row of the order log is neither changed nor deleted
"""


class OrderError(Exception):
    """The order system does not do this."""


class IllegalMove(OrderError):
    """Nothing was changed."""


class BadSignature(OrderError):
    """Forged, too old, or not signed at all."""


class UnknownPayment(OrderError):
    """No payment of ours has this reference."""


class UnknownLink(OrderError):
    """It never opened an order, or its time is over."""


class AppendOnly(OrderError):
    """The order log grows, and nothing else."""
