"""A child as its parent sees it: what it has in hand, and since when."""

import os
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import cast

from queue_table.recalling import LONG_SECONDS, recall
from queue_table.slots import BEAT, COUNT, SURE_UNTIL, TIMEOUT, Slot

HALT_SECONDS = 1.0
SILENT_SECONDS = 300.0  # longer than the patience with locks
RECALL_SECONDS = 0.2  # between the two rounds of a recall
AGAIN_SECONDS = 5.0
Hand = tuple[int, ...]


@dataclass
class Child:
    process: BaseProcess
    slots: list[Slot]
    started: float
    claimed_before: int
    seen: dict[int, tuple[Hand, float]] = field(default_factory=dict)  # slot: what was in hand, since when
    recalled: dict[int, tuple[Hand, float]] = field(default_factory=dict)  # slot: for which hand, when to take back
    reason: str = ""  # why the parent ended it
    is_counted: bool = True  # whether that is an attempt of what was in hand
    culprits: set[int] = field(default_factory=set)  # slots whose job alone was the reason

    def overdue(self, now: float) -> list[int]:
        """The slots whose job has taken longer than its time-out; if there is one, the child is halted.

        A job may end and another begin while its time-out is read, or before its process is killed. So the last word
        is said while the child stands still.
        """
        self._look(now)
        if not self._late(now) or not self._halt():
            return []
        late = self._late(now)
        if not late:
            self._signal(signal.SIGCONT)
        return late

    def is_silent(self, now: float) -> bool:
        """Whether a worker has neither performed nor looked for work lately: its database does not answer it."""
        self._look(now)
        return any(
            slot.in_hand is None and now - max(self.seen[number][1], slot.reals[BEAT]) > SILENT_SECONDS
            for number, slot in enumerate(self.slots)
        )

    def _look(self, now: float) -> None:
        for number, slot in enumerate(self.slots):
            hand = slot.hand
            if self.seen.get(number, ((), now))[0] != hand:
                self.seen[number] = (hand, now)

    def _late(self, now: float) -> list[int]:
        return [number for number, slot in enumerate(self.slots) if self._is_late(number, slot, now)]

    def _is_late(self, number: int, slot: Slot, now: float) -> bool:
        hand, since = self.seen[number]
        return slot.in_hand is not None and now - since > slot.reals[TIMEOUT] and slot.hand == hand

    def _halt(self) -> bool:
        """False if it can't be halted now: it waits for a disk, or has ended."""
        self._signal(signal.SIGSTOP)
        deadline, options = time.monotonic() + HALT_SECONDS, os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
        while time.monotonic() < deadline:
            if state := os.waitid(os.P_PID, self._pid, options):
                return state.si_code in (os.CLD_STOPPED, os.CLD_TRAPPED)
            time.sleep(0.001)
        self._signal(signal.SIGCONT)
        return False

    def _signal(self, number: int) -> None:
        os.kill(self._pid, number)  # it is ours until the parent asks for its exit code

    @property
    def _pid(self) -> int:
        return cast(int, self.process.pid)  # it has one since it was started

    def kept_waiting(self, now: float) -> list[tuple[Slot, Hand]]:
        """The slots whose rows wait for a long job, and which job. They are recalled first, and come the next time."""
        self._look(now)
        waiting = [number for number, slot in enumerate(self.slots) if self._waits(number, slot, now)]
        return [(self.slots[number], self.seen[number][0]) for number in waiting]

    def _waits(self, number: int, slot: Slot, now: float) -> bool:
        hand, since = self.seen[number]
        if slot.words[COUNT] < 2 or slot.in_hand is None or now - since < LONG_SECONDS or slot.hand != hand:
            return False
        recalled, take_at = self.recalled.get(number, ((), now))
        if recalled == hand and now < take_at:
            return False
        is_second = recalled == hand and not slot.reals[SURE_UNTIL]
        self.recalled[number] = hand, now + (AGAIN_SECONDS if is_second else RECALL_SECONDS)
        if not is_second:
            recall(slot)
        return is_second
