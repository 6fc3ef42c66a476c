"""The payment gateways, by name."""

from orders.payments.manual import ManualGateway
from orders.payments.protocol import Gateway
from orders.payments.sandbox import SandboxGateway
from orders.payments.stripe import StripeGateway

ALL: tuple[Gateway, ...] = (SandboxGateway(), ManualGateway(), StripeGateway())
GATEWAYS: dict[str, Gateway] = {one.name: one for one in ALL}


def gateway(name: str) -> Gateway:
    """The gateway called `name`. Raises KeyError for one that the shop does not have."""
    return GATEWAYS[name]
