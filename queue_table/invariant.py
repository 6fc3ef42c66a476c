"""What an invariant is, for every box: a sentence that is true whenever one looks, and a way to find what breaks it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

LAST = 2**63 - 1


class Span(NamedTuple):
    """Rows by their primary keys: above `after`, and up to `upto`."""

    after: int
    upto: int

    def of(self, column: str = "pk") -> dict[str, int]:
        """As a filter on a column."""
        return {f"{column}__gt": self.after, f"{column}__lte": self.upto}


ALL = Span(0, LAST)


class Broken(NamedTuple):
    """One row that breaks it: its primary key, and what is wrong in words. No personal data."""

    key: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """`broken` reads one span of `rows` in one moment; without `rows`, all there is. Its keys are those of `rows`."""

    name: str
    sentence: str
    advice: str
    broken: Callable[[Span], Iterable[Broken]]
    rows: Callable[[], "QuerySet[Any]"] | None = None
    at_once: int = 2000

    def spans(self) -> Iterator[Span]:
        """Neighbours without a gap, from the first key to any that may come: rows of other tables are named by them."""
        after = 0
        while self.rows:
            keys = self.rows().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
            upto = next(iter(keys[self.at_once - 1 : self.at_once]), None)
            if upto is None:
                break
            yield Span(after, upto)
            after = upto
        yield Span(after, LAST)

    def last_key(self) -> int:
        """Where the spans' rows end, as far as one knows now."""
        return (self.rows().order_by("-pk").values_list("pk", flat=True).first() or 0) if self.rows else 0
