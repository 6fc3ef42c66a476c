"""What each cell does on one database in one round: a pair for each of its rows, ours and what it is held against."""

from contextlib import closing

from tests.benchmarks.bench import Bench, Pair
from tests.benchmarks.draining import Drain

DRAINED = {"MariaDB": 40_000, "PostgreSQL": 100_000, "SQLite": 100_000}
MANY = 10_000  # the issue's own number: small enough to stay as it is in a quick run


def drain(bench: Bench) -> list[Pair]:
    jobs = bench.jobs(DRAINED[bench.database.name])
    return [bench.both(lambda side: bench.drain(side, jobs))]


def drain_by_three(bench: Bench) -> list[Pair]:
    """The origin's batch: two commits for each three jobs."""
    jobs = bench.jobs(15_000)
    return [bench.both(lambda side: bench.drain(side, jobs, batch=3))]


def two_workers(bench: Bench) -> list[Pair]:
    one, two = (bench.jobs(DRAINED[bench.database.name] * workers) for workers in (1, 2))
    return [bench.pair(lambda: bench.drain(bench.ours, two, workers=2), lambda: bench.drain(bench.ours, one))]


def atomic(bench: Bench) -> list[Pair]:
    """Each job in a transaction of its own that writes a row and completes the job; the last also in our own table."""
    jobs = bench.jobs(10_000)
    ours, plain = bench.both(lambda side: bench.drain(side, jobs, task="write_row"))
    return [(ours, plain), (ours, bench.drain(bench.same_table, jobs, task="write_row"))]


def enqueue(bench: Bench) -> list[Pair]:
    return _enqueue(bench, "one", bench.jobs(3_000))


def enqueue_many(bench: Bench) -> list[Pair]:
    return _enqueue(bench, "many", MANY)


def _enqueue(bench: Bench, how: str, jobs: int) -> list[Pair]:
    """Against the same columns in the same table; then against the narrow table of the plain queue."""
    ours, wide = bench.both(lambda side: jobs / side.produce(how, jobs))
    return [(ours, wide), (ours, jobs / bench.plain.produce_narrow(how, jobs))]


def pick_up(bench: Bench) -> list[Pair]:
    bench.ours.clear()
    seen = bench.pick_up(bench.ours, bench.samples(150))
    return [(seen.quantile(0.5), None), (seen.quantile(0.99), None), (seen.idle_percent, None)]


def old_table(bench: Bench) -> list[Pair]:
    """A million finished and a million future rows beside the same jobs."""
    jobs = bench.jobs(DRAINED[bench.database.name])
    return [bench.pair(lambda: _drain_beside(bench, jobs), lambda: bench.drain(bench.ours, jobs))]


def _drain_beside(bench: Bench, jobs: int) -> float:
    bench.old.add(jobs)
    bench.old.settle()
    return bench.run_down(bench.old, jobs)


def old_table_pick_up(bench: Bench) -> list[Pair]:
    bench.ours.clear()
    jobs = bench.samples(100)
    return [bench.pair(lambda: bench.pick_up(bench.old, jobs).median, lambda: bench.pick_up(bench.ours, jobs).median)]


def open_transaction(bench: Bench) -> list[Pair]:
    """A report or a dump, begun before these jobs, keeps every dead version of their rows."""
    jobs = bench.jobs(200_000)
    return [bench.pair(lambda: _drain_under(bench, jobs), lambda: bench.drain(bench.ours, jobs))]


def _drain_under(bench: Bench, jobs: int) -> float:
    bench.ours.fill(jobs)
    with closing(bench.database.hold_snapshot()):
        return bench.run_down(bench.ours, jobs)


def stale_statistics(bench: Bench) -> list[Pair]:
    """A burst into a table that the planner believes to be empty."""
    jobs = bench.jobs(50_000)
    return [bench.pair(lambda: _drain_burst(bench, jobs), lambda: bench.drain(bench.ours, jobs))]


def _drain_burst(bench: Bench, jobs: int) -> float:
    bench.database.run("ALTER TABLE order_queue SET (autovacuum_enabled = off)")
    try:
        bench.ours.clear()
        bench.ours.settle()
        bench.ours.add(jobs)
        return bench.run_down(bench.ours, jobs)
    finally:
        bench.database.run("ALTER TABLE order_queue RESET (autovacuum_enabled)")


def memory(bench: Bench) -> list[Pair]:
    """Megabytes of the worker and its children, early and late in one long run."""
    jobs = bench.jobs(1_000_000)
    bench.ours.fill(jobs)
    with Drain(bench.ours, [bench.ours.worker(100)], jobs, bench.folder, bench.say) as drain:
        drain.until(jobs // 10)
        early = drain.tree.resident_megabytes()
        drain.until(jobs * 99 // 100)
        return [(drain.tree.resident_megabytes(), early)]
