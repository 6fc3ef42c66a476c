"""What staff do with a row, beyond reading it: each deed is a page that says what it does, asks, and does it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise


class Deed(forms.Form):
    """One step with one row. Its page is the form; `carry_out` raises IllegalMove when it comes too late."""

    do_not_call_in_templates = True  # pages list the classes
    asks_twice = False  # whether there is an `outcome` to be seen first
    permissions: ClassVar[Sequence[str]] = ()  # beside the right to change the row
    name: ClassVar[str]
    title: ClassVar[Promise]
    text: ClassVar[Promise]

    def __init__(self, row: Any, data: Any = None) -> None:
        super().__init__(data)
        self.row = row

    @classmethod
    def fits(cls, row: Any) -> bool:
        """Whether it can be done now."""
        raise NotImplementedError

    @property
    def outcome(self) -> Sequence[tuple[Any, str]]:
        """Of a valid form: what it comes to, in labels and words. If there is any, the page shows it and asks again."""
        return []

    def carry_out(self) -> None:
        """Of a valid form."""
        raise NotImplementedError
