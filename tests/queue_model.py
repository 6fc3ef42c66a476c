"""The table as it should be, in plain Python: what each move of queue_table does to a row, without a database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from uuid import UUID

from queue_table.lifecycle import Stage, Status

PLACES = 2  # under the one limit key that there is


@dataclass
class Row:
    pk: int
    task: str
    queue: str
    priority: int
    max_attempts: int
    limited: bool
    status: Status = Status.READY
    stage: Stage = Stage.AVAILABLE
    attempts: int = 0
    token: UUID | None = None
    expired: bool = False  # its lease is over
    due: bool = True  # if it is scheduled: its time has come
    asked: bool = False  # staff want its end
    ended: set[tuple[int, int]] = field(default_factory=set)  # attempts that came to an end, with their era
    era: int = 0  # how often staff let it begin anew

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts

    @property
    def claim_order(self) -> tuple[int, int]:
        return (-self.priority, self.pk)

    def belongs_to(self, token: UUID | None) -> bool:
        return self.status == Status.CLAIMED and self.token == token

    def end_attempt(self) -> None:
        assert (self.era, self.attempts) not in self.ended, "an attempt ends once"
        self.ended.add((self.era, self.attempts))

    def finish(self, status: Status) -> None:
        self.status, self.stage, self.token, self.expired = status, Stage.AVAILABLE, None, False
        self.limited = self.limited and status != Status.DONE

    def make_ready(self, *, counted: bool = True, later: bool = False, due: bool = True) -> None:
        self.status, self.token, self.expired = Status.READY, None, False
        self.stage = Stage.SCHEDULED if later else self.stage_before_its_turn
        self.attempts -= not counted
        self.due = due

    @property
    def stage_before_its_turn(self) -> Stage:
        return Stage.BLOCKED if self.limited else Stage.AVAILABLE


class Model:
    """All rows. Each move returns what the real one should return."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self.paused: set[str] = set()

    def available(self, queue: str) -> list[Row]:
        rows = (r for r in self.rows.values() if (r.status, r.stage, r.queue) == (Status.READY, Stage.AVAILABLE, queue))
        return sorted(rows, key=lambda row: row.claim_order)

    def claim(self, rows: Iterable[Row], token: UUID) -> None:
        for row in rows:
            row.status, row.token, row.attempts, row.expired = Status.CLAIMED, token, row.attempts + 1, False

    def ours(self, keys: Collection[int], token: UUID | None) -> list[Row]:
        return [self.rows[key] for key in keys if self.rows[key].belongs_to(token)]

    def renew(self, keys: Collection[int], token: UUID) -> set[int]:
        for row in self.ours(keys, token):
            row.expired = False
        return {row.pk for row in self.ours(keys, token)}

    def complete(self, keys: Collection[int], token: UUID | None) -> int:
        ours = self.ours(keys, token)
        for row in ours:
            row.end_attempt()
            row.finish(Status.DONE)
        return len(ours)

    def give_back(self, keys: Collection[int], token: UUID) -> int:
        ours = self.ours(keys, token)
        for row in ours:
            row.finish(Status.FAILED) if row.asked else row.make_ready(counted=False)
        return len(ours)

    def fail_attempt(self, row: Row, *, for_good: bool, due: bool) -> None:
        row.end_attempt()
        if for_good or row.is_last_attempt or row.asked:
            row.finish(Status.FAILED)
        else:
            row.make_ready(later=True, due=due)

    def snooze(self, row: Row, *, due: bool) -> None:
        row.make_ready(counted=False, later=True, due=due)

    def rescue(self, row: Row, *, counted: bool) -> None:
        if counted:
            row.end_attempt()
        if row.asked or (counted and row.is_last_attempt):
            row.finish(Status.FAILED)
        else:
            row.make_ready(counted=counted)

    def rescue_expired(self) -> int:
        expired = [row for row in self.rows.values() if row.status == Status.CLAIMED and row.expired]
        for token in {row.token for row in expired}:
            left = sorted((row for row in expired if row.token == token), key=lambda row: row.claim_order)
            new = list(takewhile(lambda row: row.attempts == 1 < row.max_attempts, left))
            begun = [row.pk for row in new or left[:1]]
            for row in left:
                self.rescue(row, counted=row.pk in begun)
        return len(expired)

    def cancel(self, row: Row) -> tuple[int, int]:
        """(cancelled, asked)."""
        if row.status not in (Status.READY, Status.CLAIMED) or row.asked:
            return (0, 0)
        row.asked = True
        if row.status == Status.CLAIMED:
            return (0, 1)
        row.finish(Status.FAILED)
        return (1, 0)

    def promote(self) -> int:
        due = [row for row in self.rows.values() if row.stage == Stage.SCHEDULED and row.due]
        for row in due:
            row.stage = row.stage_before_its_turn
        return len(due)

    def admit(self) -> int:
        limited = [row for row in self.rows.values() if row.limited and row.status in (Status.READY, Status.CLAIMED)]
        places = PLACES - sum(row.stage == Stage.AVAILABLE for row in limited)
        blocked = sorted(
            (row for row in limited if row.stage == Stage.BLOCKED and row.queue not in self.paused),
            key=lambda row: row.claim_order,
        )
        for row in blocked[: max(places, 0)]:
            row.stage = Stage.AVAILABLE
        return len(blocked[: max(places, 0)])

    def run_again(self) -> int:
        failed = [row for row in self.rows.values() if row.status == Status.FAILED]
        for row in failed:
            row.make_ready()
            row.attempts, row.asked, row.era = 0, False, row.era + 1
        return len(failed)
