"""How the rows of an order's log hang together: each holds a hash over itself and over the hash of the one before.

A row that was changed, put in or taken out breaks the chain from there on; one that was cut off at the end is missed by
the order, which keeps the last hash. It is no signature: who may write to the database and knows this file could write
a whole log anew.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

FORM = "order-event/1"  # a new form of the text is a new name here
HASHED = (
    *("order_id", "position", "kind", "subject", "from_status", "to_status"),
    *("actor", "staff_id", "note", "address_seal", "at"),
)


def link(before: str, values: Sequence[object]) -> str:
    """The hash of a row with these values of HASHED, behind a row with the hash `before` (empty for the first).

    Over one text for all databases: JSON in ASCII, times in UTC with six decimals.
    """
    text = json.dumps([FORM, before, *map(_plain, values)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int) else str(value)


def new_salt() -> str:
    return secrets.token_hex(16)


def seal(address: str, salt: str) -> str:
    """What a row's hash knows of an address. Without the salt nobody finds the address by trying all there are: so both
    may be forgotten together, and the chain still holds."""
    return hashlib.sha256(f"{salt}:{address}".encode()).hexdigest()
