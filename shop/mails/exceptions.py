"""What can be said of a mail that did not leave, without naming whom it is for."""


class NotTaken(Exception):
    """The mail server did not take it; the next attempt may succeed."""
