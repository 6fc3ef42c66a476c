"""The outcome of a run: one table for people, the same as JSON for programs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.benchmarks.bench import Pair
from tests.benchmarks.cells import Cell
from tests.benchmarks.goals import Row, ratio_of

HEADINGS = ["what", "database", "ours", "against", "", "ratio", "goal", "reached"]
RIGHT = {2, 3, 5}


@dataclass
class Outcome:
    """What was measured for one row on one database, round by round; or why it was not."""

    cell: Cell
    row: Row
    database: str
    pairs: list[Pair] = field(default_factory=list)
    problem: str = ""

    @property
    def failed(self) -> bool:
        return self.problem.startswith("FAILED")

    def ours(self) -> float | None:
        return median(ours for ours, _ in self.pairs) if self.pairs else None

    def against(self) -> float | None:
        known = [against for _, against in self.pairs if against is not None]
        return median(known) if known else None

    def reached(self) -> bool | None:
        """None if there is no goal, or nothing was measured."""
        goal = self.row.goals.get(self.database)
        value = ratio_of(self.pairs) if goal and goal.on_ratio else self.ours()
        return None if goal is None or value is None else goal.reached(value)

    def as_dict(self) -> dict[str, Any]:
        goal = self.row.goals.get(self.database)
        return {
            "cell": self.cell.name,
            "what": self.row.what,
            "database": self.database,
            "unit": self.row.unit,
            "held_against": self.row.against,
            "rounds": self.pairs,
            "ours": self.ours(),
            "against": self.against(),
            "ratio": ratio_of(self.pairs),
            "goal": str(goal) if goal else None,
            "reached": self.reached(),
            "problem": self.problem,
        }

    def line(self) -> list[str]:
        goal = self.row.goals.get(self.database)
        last = (
            self.problem.splitlines()[0][:60] if self.problem else {True: "yes", False: "NO", None: ""}[self.reached()]
        )
        quotient = ratio_of(self.pairs)
        return [
            self.row.what,
            self.database,
            figure(self.ours(), self.row.unit),
            figure(self.against(), self.row.unit),
            self.row.against,
            "" if quotient is None else f"{quotient:.{2 if quotient >= 0.2 else 4}f}",
            str(goal) if goal else "",
            last,
        ]


def figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{_number(value)} {unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def table(outcomes: list[Outcome]) -> Iterator[str]:
    """Its lines, each database's rows together."""
    lines = [HEADINGS, *(outcome.line() for outcome in outcomes)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for number, line in enumerate(lines):
        cells = (
            text.rjust(w) if column in RIGHT else text.ljust(w)
            for column, (text, w) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
        if number == 0:
            yield "-" * (sum(widths) + 2 * len(widths) - 2)
