"""What the order system refuses.

OrderError
    IllegalMove         the lifecycle has no such move from where the thing stands
    BadSignature        a notice that is not the gateway's
    UnknownPayment      a notice for a payment that we never asked for
    UnknownLink         a link that opens no order, or no longer
    AppendOnly          a row of the order log is neither changed nor deleted
    MalformedCallback   the gateway's own, and yet not to be understood
    GatewayRefused      the gateway said no: asking again gives the same answer
    GatewayDown         no answer, or none that decides: it may have done it or not; ask before you try again
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


class MalformedCallback(OrderError):
    """Signed, and yet no news."""


class GatewayRefused(OrderError):
    """The gateway does not do this, and did nothing."""


class GatewayDown(OrderError):
    """Nobody knows yet whether the gateway did it."""
