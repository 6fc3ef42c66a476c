"""What the account refuses."""


class BookFull(Exception):
    """The address book holds as many as it may. Nothing was added."""
