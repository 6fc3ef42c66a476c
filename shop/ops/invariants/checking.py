"""Looks at every invariant, a bounded piece at a time, and says what is broken. It reads and never writes."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from queue_table.invariant import Broken, Invariant, Span
from queue_table.snapshot import one_moment

MOST = 20
SECOND_LOOK_AFTER = 0.2  # seconds


@dataclass(frozen=True)
class Finding:
    """What became of one invariant: up to MOST rows that break it, and whether there are more; none if it holds."""

    invariant: Invariant
    broken: Sequence[Broken]
    more: bool
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        about = {name: getattr(self.invariant, name) for name in ("name", "sentence", "advice")}
        rows = [row._asdict() for row in self.broken]
        return {**about, "holds": not rows, "broken": rows, "more": self.more, "seconds": round(self.seconds, 2)}


@dataclass(frozen=True)
class Report:
    findings: Sequence[Finding] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.broken

    @property
    def broken(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.broken]

    def as_dict(self) -> dict[str, Any]:
        return {"clean": self.clean, "invariants": [finding.as_dict() for finding in self.findings]}


def check(invariants: Sequence[Invariant], on_progress: Callable[[Invariant, int, int], None]) -> Report:
    """Each span of rows is read in one moment, so that what others write meanwhile is no contradiction; and whatever
    looks broken is looked at once more, a moment later, before it is said.

    `on_progress` is told after each span how far it is: the invariant, the last key read, and the last key there is.
    """
    return Report([_find(invariant, on_progress) for invariant in invariants])


def _find(invariant: Invariant, on_progress: Callable[[Invariant, int, int], None]) -> Finding:
    began, last, broken = time.monotonic(), invariant.last_key(), list[Broken]()
    for span in invariant.spans():
        broken += _seen_twice(invariant, span, MOST + 1 - len(broken))
        on_progress(invariant, min(span.upto, last), last)
        if len(broken) > MOST:
            break
    return Finding(invariant, broken[:MOST], len(broken) > MOST, time.monotonic() - began)


def _seen_twice(invariant: Invariant, span: Span, most: int) -> list[Broken]:
    suspects = _look(invariant, span, most)
    if suspects:
        time.sleep(SECOND_LOOK_AFTER)
    return [again for suspect in suspects for again in _look(invariant, Span(suspect.key - 1, suspect.key), 1)]


def _look(invariant: Invariant, span: Span, most: int) -> list[Broken]:
    with one_moment():
        return list(islice(invariant.broken(span), most))


def text_of(report: Report) -> Iterator[str]:
    """Lines for people: what holds, what does not, and what to do about it."""
    for finding in report.findings:
        yield f"{'broken' if finding.broken else 'holds '}  {finding.invariant.name}: {finding.invariant.sentence}"
        yield from (f"        {row.text}" for row in finding.broken)
        if finding.more:
            yield f"        … and more than these {MOST}."
        if finding.broken:
            yield f"        What to do: {finding.invariant.advice}"
