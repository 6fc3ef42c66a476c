"""The carriers, by name."""

from delivery.carriers.manual import ManualCarrier
from delivery.carriers.protocol import Carrier
from delivery.carriers.sandbox import SandboxCarrier

CARRIERS: dict[str, Carrier] = {carrier.name: carrier for carrier in (SandboxCarrier(), ManualCarrier())}


def carrier(name: str) -> Carrier:
    """The carrier called `name`. Raises KeyError for one that the shop does not have."""
    return CARRIERS[name]
