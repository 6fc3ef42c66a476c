"""Hands at the table in lockstep: each statement of each waits for its turn, so that every order of them can be tried.

A hand that waits for a lock can't be given a turn until it has it. A commit is a step of its own; what a database does
in one statement is one step.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from queue import SimpleQueue
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from tests.at_once import PATIENCE

STEP_SECONDS = 0.02  # who has not made its step by then waits for a lock
BRANCHES = 12  # after so many steps each order goes on in one way only: some hands try again and again
QUICK = {"sqlite": "PRAGMA synchronous = OFF", "postgresql": "SET synchronous_commit = off", "mysql": "SELECT 1"}
Call = Callable[[], Any]


class Kind(Enum):
    """What a step is to the others."""

    READ = "sees what is committed, and waits for nobody"
    WITHIN = "of a transaction: waits for locks, and nobody sees it yet"
    LASTING = "a commit, or a statement that commits itself"


class Hand(threading.Thread):
    """One caller at a time, on a connection of its own. `outcome`: what the call returned or raised."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.calls: SimpleQueue[Call | None] = SimpleQueue()
        self.outcome: Any = None
        self.over, self.kind = True, Kind.READ  # the kind of the step that it waits to make
        self.at_gate, self.turn = threading.Event(), threading.Event()

    def begin(self, call: Call) -> None:
        self.over, self.outcome = False, None
        self.at_gate.clear()
        self.calls.put(call)

    def run(self) -> None:
        connection: Any = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(QUICK[connection.vendor])  # no step is to wait for the disk
        commit = connection._commit
        connection._commit = lambda: self._step(lambda sql: commit(), "COMMIT")
        with connection.execute_wrapper(self._step):
            while call := self.calls.get():
                try:
                    self.outcome = call()
                except Exception as error:
                    self.outcome = error
                self.over = True
                self.at_gate.set()
        connections.close_all()

    def _step(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.kind = _kind(sql)
        self.at_gate.set()
        assert self.turn.wait(PATIENCE)
        self.turn.clear()
        return execute(sql, *rest)

    def is_able(self, seconds: float) -> bool:
        """Whether it could make a step. Not if it is at its end, or in the middle of one."""
        return self.at_gate.wait(seconds) and not self.over

    def go(self) -> None:
        self.at_gate.clear()
        self.turn.set()
        self.at_gate.wait(STEP_SECONDS)


def _kind(sql: str) -> Kind:
    if sql.startswith("SELECT") and " FOR UPDATE" not in sql:
        return Kind.READ
    within = connections[DEFAULT_DB_ALIAS].in_atomic_block or sql.startswith("BEGIN")
    return Kind.WITHIN if within and sql != "COMMIT" else Kind.LASTING


class Order(NamedTuple):
    """How an order begins. The hands `asleep` need not make the next step: an order in which they did is tried, and
    nothing has happened since that could matter to their step, or be changed by it."""

    begun: str = ""
    asleep: frozenset[str] = frozenset()


class Lockstep:
    """Hands that keep their connections from one order to the next."""

    def __init__(self) -> None:
        self.hands: dict[str, Hand] = {}

    def in_every_order(self, make: Callable[[], Mapping[str, Call]]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each order of the calls' steps that locks allow, by the calls' names, and the calls' outcomes in it.

        Of orders that differ only in the turns of steps that know nothing of each other, one. `make` lays out the rows
        anew and gives the calls.
        """
        ahead = [Order()]
        while ahead:
            begin = ahead.pop()
            self._begin(make())
            order, others = self._make_steps(begin)
            ahead += others
            yield order, {name: hand.outcome for name, hand in self.hands.items()}

    def _begin(self, calls: Mapping[str, Call]) -> None:
        for name, call in calls.items():
            if name not in self.hands:
                self.hands[name] = Hand()
                self.hands[name].start()
            self.hands[name].begin(call)
        for hand in self.hands.values():
            hand.at_gate.wait(PATIENCE)

    def _make_steps(self, begin: Order) -> tuple[str, list[Order]]:
        """As `begin` says, then always whoever comes first; and how else it could have gone on."""
        order, asleep, others, patience = "", begin.asleep, list[Order](), STEP_SECONDS
        give_up_at = time.monotonic() + PATIENCE
        while not all(hand.over for hand in self.hands.values()):
            assert time.monotonic() < give_up_at, f"{order}: nobody goes on"
            able = [name for name, hand in self.hands.items() if hand.is_able(patience)]
            patience = STEP_SECONDS
            if not able:
                continue
            if len(order) < len(begin.begun):
                wanted = begin.begun[len(order)]
                chosen = wanted if wanted in able else able[0]
            else:
                awake = [name for name in able if name not in asleep]
                chosen = (awake or able)[0]
                if awake and len(order) < BRANCHES:
                    others += self._instead(order, awake, asleep)
                asleep = self._still_asleep(asleep, chosen) if awake else frozenset(self.hands)
            order += chosen
            frees = self.hands[chosen].kind is Kind.LASTING
            self.hands[chosen].go()
            patience = STEP_SECONDS if frees else 0.0
        return order, others

    def _instead(self, order: str, awake: Sequence[str], asleep: frozenset[str]) -> Iterator[Order]:
        for place, name in enumerate(awake[1:], start=1):
            yield Order(order + name, self._still_asleep(asleep | set(awake[:place]), name))

    def _still_asleep(self, asleep: frozenset[str], mover: str) -> frozenset[str]:
        return frozenset(name for name in asleep if self._are_strangers(name, mover))

    def _are_strangers(self, one: str, other: str) -> bool:
        kinds = {self.hands[one].kind, self.hands[other].kind}
        return one != other and Kind.READ in kinds and Kind.LASTING not in kinds

    def close(self) -> None:
        for hand in self.hands.values():
            hand.calls.put(None)
            hand.join(PATIENCE)


@contextmanager
def lockstep() -> Iterator[Lockstep]:
    steps = Lockstep()
    try:
        yield steps
    finally:
        steps.close()
