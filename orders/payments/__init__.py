"""The payment gateways, by name."""

from orders.payments.manual import ManualGateway
from orders.payments.protocol import Gateway
from orders.payments.sandbox import SandboxGateway

GATEWAYS: dict[str, Gateway] = {gateway.name: gateway for gateway in (SandboxGateway(), ManualGateway())}


def gateway(name: str) -> Gateway:
    """The gateway called `name`. Raises KeyError for one that the shop does not have."""
    return GATEWAYS[name]
