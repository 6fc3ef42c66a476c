"""What a worker shows to the process that watches it, in memory that both share and that outlives the worker.

A few machine words: which claim it holds, which of its rows are performed, and whether one is in hand. They are written
in an order in which a death at any moment leaves them true: the token before the rows are claimed, a row's step before
its task begins and after its row is settled, or put aside to be settled with others.
"""

import mmap
from collections.abc import Sequence
from uuid import UUID

from queue_table.outcomes import Outcome

MOST_ROWS = 1000  # the largest batch
COUNT, STEP, TOKEN, HEAD = 0, 1, slice(2, 4), 12
TIMEOUT, SURE_UNTIL = 4, 5  # floating-point numbers: seconds the task may take; until then the leases are good
CLAIMED, RESCUED, ENDING = 6, 7, 8
BEAT = 10  # a floating-point number: when the worker last began a round
SETTLED, RETURNED = 9, 11  # rows that the parent completed for its worker, and gave back, ever: the parent's to write
FINISHED, DATABASE_AWAY = 1, 2  # endings: said by a worker as its last word, for anybody can exit with any code
TALLIES = HEAD + len(Outcome)
WORDS = TALLIES + MOST_ROWS
OUTCOMES = {outcome: HEAD + number for number, outcome in enumerate(Outcome)}
HALF = 1 << 64


def shared_slots(count: int) -> "list[Slot]":
    """Slots that a forked process and its parent both see."""
    memory = memoryview(mmap.mmap(-1, count * WORDS * 8))
    return [Slot(memory[number * WORDS * 8 : (number + 1) * WORDS * 8]) for number in range(count)]


class Slot:
    """One worker's place in the shared memory."""

    def __init__(self, memory: memoryview | None = None) -> None:
        self.memory = memoryview(bytearray(WORDS * 8)) if memory is None else memory
        self.words, self.reals = self.memory.cast("q"), self.memory.cast("d")

    def announce(self, token: UUID) -> None:
        """Before the claim: whatever carries this token belongs to this slot."""
        self.words[COUNT] = self.words[STEP] = 0
        self.memory[TOKEN.start * 8 : TOKEN.stop * 8] = token.bytes

    def hold(self, keys: Sequence[int], sure_until: float) -> None:
        """After the claim: its rows in the order in which they will be performed."""
        for place, key in enumerate(keys, TALLIES):
            self.words[place] = key
        self.reals[SURE_UNTIL] = sure_until
        self.words[COUNT] = len(keys)
        self.words[CLAIMED] += len(keys)

    def release(self) -> None:
        """Every row of the claim is settled."""
        self.words[COUNT] = 0

    @property
    def hand(self) -> tuple[int, ...]:
        """What tells any two moments apart between which the worker went on."""
        return (self.words[STEP], *self.words[TOKEN])

    @property
    def token(self) -> UUID:
        return UUID(bytes=bytes(self.memory[TOKEN.start * 8 : TOKEN.stop * 8]))

    @property
    def keys(self) -> list[int]:
        return list(self.words[TALLIES : TALLIES + self.words[COUNT]])

    @property
    def performed(self) -> list[int]:
        return self.keys[: self.words[STEP] // 2]

    @property
    def not_begun(self) -> list[int]:
        return self.keys[(self.words[STEP] + 1) // 2 :]

    @property
    def in_hand(self) -> int | None:
        """The row whose task is running; none between two."""
        step = self.words[STEP]
        return self.keys[step // 2] if step % 2 and step // 2 < self.words[COUNT] else None

    @property
    def claimed(self) -> int:
        return self.words[CLAIMED]

    @property
    def rescued(self) -> int:
        return self.words[RESCUED]

    @rescued.setter
    def rescued(self, rows: int) -> None:
        self.words[RESCUED] = rows

    def count(self, outcome: Outcome, rows: int = 1) -> None:
        self.words[OUTCOMES[outcome]] += rows

    def outcomes(self) -> dict[Outcome, int]:
        return {outcome: self.words[place] for outcome, place in OUTCOMES.items()}
