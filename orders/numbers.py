"""Order numbers and payment references that nobody can guess or count."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads like something else


def order_number() -> str:
    """Twelve random characters in three groups: 58 bits. The unique index decides; a clash fails, never overwrites."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join(characters[i : i + 4] for i in (0, 4, 8))


def payment_reference() -> str:
    return secrets.token_urlsafe(24)
