"""What must be true when the dust has settled, judged by the ledger. Each finding is a sentence; none is the pass."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from queue_table.lifecycle import Status
from queue_table.models import Job
from tests.chaos.crew import Strike
from tests.chaos.ledger import Mark, Run
from tests.chaos.repeats import Reasons
from tests.chaos.tasks import atomic, raising_once

CLOCKS_APART = 0.005  # seconds: SQLite's clock has milliseconds


def findings(jobs: Sequence[Job], marks: Iterable[Mark], runs: Sequence[Run], strikes: Sequence[Strike]) -> list[str]:
    by_job: defaultdict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_job[run.job].append(run)
    effects: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        effects[mark.job].append(mark)
    reasons = Reasons(runs, strikes)
    return [word for job in jobs for word in _of_job(job, effects[job.pk], by_job[job.pk], reasons)]


def _of_job(job: Job, marks: list[Mark], runs: list[Run], reasons: Reasons) -> Iterator[str]:
    name = f"job {job.pk} ({job.task.rpartition('.')[2]})"
    if job.status != Status.DONE:
        yield f"{name} is {Status(job.status).label} after {job.attempts} attempts: {job.errors[-1:]}"
        return
    yield from (f"{name} {word}" for word in _effects(job, marks, runs))
    yield from (f"{name}: {word}" for word in _attempts(job, runs, reasons.strikes))
    yield from (f"{name}: {word}" for word in _settling(job, runs))
    for earlier, later in pairwise(runs):
        if not reasons.explain(job, earlier, later):
            yield f"{name} ran again as {later} after {earlier}, and nobody struck it"


def _effects(job: Job, marks: list[Mark], runs: list[Run]) -> Iterator[str]:
    if not marks:
        yield "is lost: it is done, and did nothing"
    if job.task == atomic.module_path and [mark.attempt for mark in marks] != [job.attempts]:
        yield f"is atomic, ended with attempt {job.attempts}, and its marks are {marks}"
    made = Counter((mark.attempt, mark.process) for mark in marks)
    begun = Counter((run.attempt, run.process) for run in runs)
    worked = Counter((run.attempt, run.process) for run in runs if run.ending == "worked")
    if made - begun or (job.task != atomic.module_path and worked - made):
        yield f"has the marks {marks} of {runs}"


def _attempts(job: Job, runs: list[Run], strikes: Sequence[Strike]) -> Iterator[str]:
    if not 1 <= job.attempts <= job.max_attempts:
        yield f"{job.attempts} attempts of {job.max_attempts}"
    if job.attempts > 1 + (job.task == raising_once.module_path) + len(strikes):
        yield f"{job.attempts} attempts are more than there were reasons"
    for attempt, times in Counter(run.attempt for run in runs).items():
        again = [run for run in runs if run.attempt == attempt]
        if times > 1 and not any(_was_frozen(run, strikes) for run in again):
            yield f"attempt {attempt} was made {times} times: {again}"
    for run in runs:
        if not run.ended and not any(strike.hit(run.process, run.group) for strike in strikes):
            yield f"nobody struck {run}, and it never ended"


def _settling(job: Job, runs: list[Run]) -> Iterator[str]:
    """The hand that settled is the one that performed the last attempt, after it had."""
    assert job.finished_at is not None
    process = int(job.claimed_by.split(":")[1])
    last = [run for run in runs if (run.attempt, run.process) == (job.attempts, process) and run.ending == "worked"]
    if not last:
        yield f"{job.claimed_by} settled attempt {job.attempts} and never made it: {runs}"
    elif not any(run.ended - CLOCKS_APART <= job.finished_at.timestamp() for run in last):
        yield f"it was settled at {job.finished_at.timestamp()}, before its attempt ended: {last}"


def _was_frozen(run: Run, strikes: Sequence[Strike]) -> bool:
    return any(strike.over < float("inf") and strike.hit(run.process, run.group) for strike in strikes)
