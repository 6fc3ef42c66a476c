"""Who types a command, and the names that he types."""

import getpass
from argparse import ArgumentTypeError

LONGEST_NAME = 64


def operator() -> str:
    """The log-in name on this machine, for the log and the rows."""
    try:
        return getpass.getuser()[:150]
    except (KeyError, OSError):  # a user id without a name, as containers have
        return "an operator"


def queue_name(text: str) -> str:
    """Raises ArgumentTypeError for what no queue can be called."""
    name = text.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise ArgumentTypeError(f"a queue's name has 1 to {LONGEST_NAME} characters")
    return name
