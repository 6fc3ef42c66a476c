"""What each job carries and does, alike on both sides."""

from typing import Any

WRITE_EFFECT = "INSERT INTO bench_effect (order_id, note) VALUES (%s, %s)"


def payload(number: int, sent_ns: int = 0) -> dict[str, Any]:
    """About 100 bytes of JSON. With `sent_ns` (monotonic clock) above 0 the job keeps how long it took to get there."""
    return {"order": 1_000_000 + number, "sku": "LAMP-0042", "quantity": 1, "sent_ns": sent_ns, "note": "n" * 32}
