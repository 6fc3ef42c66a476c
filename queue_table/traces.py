"""What may be kept, logged and mailed of an error."""

import traceback


def readable_trace(error: BaseException) -> str:
    """The traceback as text that every database can store, without the rows that PostgreSQL quotes in its details.

    Such a row may hold a name and an address: personal data belongs neither into the queue nor into a log.
    """
    lines = "".join(traceback.format_exception(error)).splitlines(keepends=True)
    text = "".join(line for line in lines if not line.lstrip().startswith("DETAIL:"))
    return storable(text)


def storable(text: str) -> str:
    """The text as every database can keep it: without NUL, and half a character spelled out."""
    return text.replace("\0", "").encode("utf-8", "backslashreplace").decode()
