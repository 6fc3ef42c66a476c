"""What jobs did, written by the jobs themselves: the oracle that does not ask the queue.

A mark is a row in a table of its own, written where the job does its work: by an atomic task in its transaction. The
trace is a file beside the database, one line when an attempt begins and one when it ends; nothing rolls it back.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from queue_table.running import Attempt, current

TABLE = "CREATE TABLE chaos_ledger (job_id bigint NOT NULL, attempt integer NOT NULL, process integer NOT NULL)"
MARK = "INSERT INTO chaos_ledger (job_id, attempt, process) VALUES (%s, %s, %s)"


class Mark(NamedTuple):
    """An effect in the database."""

    job: int
    attempt: int
    process: int


class Run(NamedTuple):
    """An attempt as its process saw it. Moments are epoch seconds by the machine's clock; `ended` 0.0: it never did."""

    job: int
    attempt: int
    process: int
    thread: int
    group: int
    begun: float
    ended: float
    ending: str


@contextmanager
def ledger() -> Iterator[None]:
    """The table is there; afterwards it is gone."""
    _execute("DROP TABLE IF EXISTS chaos_ledger")
    _execute(TABLE)
    try:
        yield
    finally:
        _execute("DROP TABLE chaos_ledger")


@contextmanager
def traced(trace: str) -> Iterator[Attempt]:
    """Around a job's work."""
    attempt, ending = current(), "raised"
    assert attempt is not None
    _write(trace, "begun", attempt)
    try:
        yield attempt
        ending = "worked"
    finally:
        _write(trace, ending, attempt)


def mark() -> None:
    """The job's effect, in its transaction if it has one."""
    attempt = current()
    assert attempt is not None
    with connection.cursor() as cursor:
        cursor.execute(MARK, [*attempt, os.getpid()])


def marks() -> list[Mark]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_id, attempt, process FROM chaos_ledger")
        return [Mark(*row) for row in cursor.fetchall()]


def forget() -> None:
    _execute("DELETE FROM chaos_ledger")


def runs(trace: Path) -> list[Run]:
    """In the order in which they began."""
    found: list[Run] = []
    latest: dict[tuple[int, ...], int] = {}  # of an attempt in a thread: the place of its last beginning
    for line in trace.read_text(encoding="utf-8").splitlines() if trace.exists() else ():
        word, moment, *who = line.split()
        attempt = tuple(map(int, who))
        if word == "begun":
            latest[attempt] = len(found)
            found.append(Run(*attempt, float(moment), 0.0, ""))
        else:
            found[latest[attempt]] = found[latest[attempt]]._replace(ended=float(moment), ending=word)
    return found


def _write(trace: str, word: str, attempt: Attempt) -> None:
    """One write to a file that is only appended to: lines of several processes don't mix."""
    thread = threading.get_native_id()
    line = f"{word} {time.time()} {attempt.id} {attempt.attempt} {os.getpid()} {thread} {os.getpgid(0)}\n"
    file = os.open(trace, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
