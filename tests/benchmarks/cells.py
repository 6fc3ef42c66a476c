"""What is measured, and the issues' goals: the whole benchmark on one screen."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from tests.benchmarks import measures
from tests.benchmarks.bench import Bench, Pair
from tests.benchmarks.goals import Goal, Row, at_most, ratio, ratio_at_most
from tests.benchmarks.pages import measuring, rows

MARIADB, POSTGRES, SQLITE = EVERYWHERE = ("MariaDB", "PostgreSQL", "SQLite")
JOBS, MS, CORE, MB = "jobs/s", "ms", "% of a core", "MB"
SAME, PLAIN = "same columns", "plain table"


def everywhere(goal: Goal) -> dict[str, Goal]:
    return dict.fromkeys(EVERYWHERE, goal)


DRAIN = {POSTGRES: ratio(0.4), MARIADB: ratio(0.5), SQLITE: ratio(0.1)}
BY_THREE = {POSTGRES: ratio(0.14), MARIADB: ratio(0.16), SQLITE: ratio(0.05)}  # the best Django peers: README.md
USUALLY = {POSTGRES: at_most(4), MARIADB: at_most(25), SQLITE: at_most(25)}
AT_WORST = {POSTGRES: at_most(10), MARIADB: at_most(60), SQLITE: at_most(60)}
FLAT = ratio_at_most(1.05)


@dataclass(frozen=True)
class Cell:
    """`measure` returns a pair for each of the rows: our figure, and the one that it is held against."""

    name: str
    measure: Callable[[Bench], Sequence[Pair]]
    rows: Sequence[Row]
    databases: Collection[str] = EVERYWHERE
    once: bool = False  # in the first round only, because it takes long


CELLS = [
    Cell("drain", measures.drain, [Row("drain, one worker, batches of 100", JOBS, "plain SQL", DRAIN)]),
    Cell("batch-of-3", measures.drain_by_three, [Row("drain, batches of 3", JOBS, "plain SQL", BY_THREE)]),
    Cell(
        "two-workers",
        measures.two_workers,
        [Row("drain, two workers", JOBS, "one worker", {POSTGRES: ratio(1.5)})],
        databases=[POSTGRES],
    ),
    Cell(
        "atomic",
        measures.atomic,
        [
            Row("atomic, one row each", JOBS, "plain SQL", everywhere(ratio(0.7))),
            Row("atomic, one row each", JOBS, "plain SQL, same table"),
        ],
    ),
    Cell(
        "enqueue",
        measures.enqueue,
        [
            Row("enqueue, one by one", JOBS, f"INSERT, {SAME}", everywhere(ratio(0.6))),
            Row("enqueue, one by one", JOBS, f"INSERT, {PLAIN}"),
        ],
    ),
    Cell(
        "enqueue-many",
        measures.enqueue_many,
        [
            Row("enqueue_many of 10,000", JOBS, f"executemany, {SAME}", everywhere(ratio(0.3))),
            Row("enqueue_many of 10,000", JOBS, f"executemany, {PLAIN}"),
        ],
    ),
    Cell(
        "pick-up",
        measures.pick_up,
        [
            Row("pick-up, p50", MS, goals=USUALLY),
            Row("pick-up, p99", MS, goals=AT_WORST),
            Row("idle worker", CORE, goals=everywhere(at_most(2))),
        ],
    ),
    Cell("old-table", measures.old_table, [Row("drain, old table", JOBS, "empty table", everywhere(ratio(0.9)))]),
    Cell(
        "old-table-pick-up",
        measures.old_table_pick_up,
        [Row("pick-up, p50, old table", MS, "empty table", everywhere(ratio_at_most(1.11)))],
    ),
    Cell(
        "open-transaction",
        measures.open_transaction,
        [Row("drain, open transaction", JOBS, "none open", everywhere(ratio(0.8)))],
    ),
    Cell(
        "stale-statistics",
        measures.stale_statistics,
        [Row("drain, stale statistics", JOBS, "fresh statistics", {POSTGRES: ratio(0.8)})],
        databases=[POSTGRES],
    ),
    Cell("memory", measures.memory, [Row("memory, at the end", MB, "at a tenth", everywhere(FLAT))], once=True),
    Cell("pages", measuring.measure, rows.ROWS, once=True),
]
