"""What the issues ask for, as figures, and whether a row has reached its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks.bench import Pair


@dataclass(frozen=True)
class Goal:
    """A bound on our figure, or on its ratio to what it is held against."""

    figure: float
    on_ratio: bool = False
    at_most: bool = False

    def reached(self, value: float) -> bool:
        return value <= self.figure if self.at_most else value >= self.figure

    def __str__(self) -> str:
        return f"{'ratio ' if self.on_ratio else ''}{'<=' if self.at_most else '>='} {self.figure:,g}"


def ratio(least: float) -> Goal:
    return Goal(least, on_ratio=True)


def ratio_at_most(most: float) -> Goal:
    return Goal(most, on_ratio=True, at_most=True)


def at_most(most: float) -> Goal:
    return Goal(most, at_most=True)


@dataclass(frozen=True)
class Row:
    """One line of the table: what is measured, held against what, and the goal on each database that has one."""

    what: str
    unit: str
    against: str = ""
    goals: Mapping[str, Goal] = field(default_factory=dict)


def ratio_of(pairs: Sequence[Pair]) -> float | None:
    """The median of the ratios within each round."""
    ratios = [ours / against for ours, against in pairs if against]
    return median(ratios) if ratios else None
