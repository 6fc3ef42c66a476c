"""How an attempt can end, and what a run adds up to."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    DONE = "done"
    RETRIED = "retried"
    SNOOZED = "snoozed"
    FAILED = "failed"
    UNKNOWN = "unknown"  # given back: some other worker knows the task
    LOST = "lost"  # another hand has the row; what an atomic task wrote here is rolled back


@dataclass
class Report:
    """What one run did."""

    rescued: int = 0
    claimed: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = {outcome: self.outcomes[outcome] for outcome in (Outcome.DONE, Outcome.RETRIED, Outcome.FAILED)}
        counts |= {o: n for o, n in self.outcomes.items() if n and o not in counts}
        words = " ".join(f"{outcome}={count}" for outcome, count in counts.items())
        return f"rescued={self.rescued} claimed={self.claimed} {words} seconds={self.seconds:.2f}"
