"""Who stands behind the request that runs now: the order log asks for it, so that no verb has to hand it through."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Person(Protocol):
    """Somebody at a browser. Asked only when a row of the log is about him."""

    @property
    def address(self) -> str:
        """The IP address that he came from, as text; empty if unknown."""

    @property
    def staff_id(self) -> int | None:
        """The id of the staff user that he is logged in as."""


_person: ContextVar[Person | None] = ContextVar("orders_acting_person", default=None)


@contextmanager
def acting(person: Person) -> Iterator[None]:
    """What customers and staff do inside of it, this person does."""
    before = _person.set(person)
    try:
        yield
    finally:
        _person.reset(before)


def acting_person() -> Person | None:
    """None in a job or a command: there nobody sits at a browser."""
    return _person.get()
