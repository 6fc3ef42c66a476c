"""Lets the crew work and strikes at it, as a seed says."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.models import Max, Min, Q
from django.db.models.functions import Now

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.outbox import call, enqueue_many
from queue_table.procfs import is_stopped
from shop.databases import SQLITE_BUSY_SECONDS
from tests.chaos.crew import Crew, Strike, children_of
from tests.chaos.ledger import marks, runs
from tests.chaos.tasks import MIX
from tests.chaos.verdict import findings

POLL_SECONDS = 0.05
LONGEST_JOB = 0.06  # seconds
TARGETS = ["child"] * 5 + ["parent"] * 2 + ["group"] * 3
FREEZES = 0.3  # for each kill
STOPS = 0.5  # for each kill or freeze: a parent that is told to stop, as at a deployment
STUCK_SECONDS = 8.0  # past its lease, while others claim; before each claim they rescue
PATIENCE = 60.0  # without any progress


@dataclass
class Course:
    """What happened."""

    seed: int
    seconds: float = 0.0
    kills: int = 0
    freezes: int = 0
    stops: int = 0
    repeats: int = 0
    last_strike_to_end: float = 0.0
    longest_past_lease: float = 0.0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"seed={self.seed} seconds={self.seconds:.1f} kills={self.kills} freezes={self.freezes}"
            f" stops={self.stops} repeats={self.repeats} drained_after={self.last_strike_to_end:.1f}"
            f" longest_past_lease={self.longest_past_lease:.1f} findings={len(self.findings)}"
        )


class Chaos:
    """One run. `environment` is that of the crew: its database is the one that this process is connected to."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *, seed: int, jobs: int, kills: int, lease: int
    ) -> None:
        self.trace, self.jobs, self.kills, self.lease = folder / "trace", jobs, kills, lease
        self.random = random.Random(seed)  # noqa: S311 (which process is struck when)
        self.crew = Crew(environment | {"QUEUE_LEASE_SECONDS": str(lease)}, folder)
        self.course = Course(seed)
        self.frozen: list[tuple[float, Strike]] = []

    def run(self, on_progress: Callable[[int], object] = lambda done: None) -> Course:
        began = time.time()
        self._enqueue()
        try:
            self._until_done(on_progress)
        finally:
            for _, blow in self.frozen:
                self.crew.wake(blow)
            self.crew.dismiss()
        self.course.seconds = time.time() - began
        self._judge()
        return self.course

    def _enqueue(self) -> None:
        """In blocks of a few alike, of some priorities, so that a batch is a mixture."""
        left = self.jobs
        with transaction.atomic():
            while left > 0:
                count = min(left, self.random.randint(1, 6))
                task = self.random.choice(MIX).using(priority=self.random.choice([0, 0, 0, 1, 5]))
                naps = [round(self.random.uniform(0, LONGEST_JOB), 4) for _ in range(count)]
                left -= enqueue_many(task, [call(str(self.trace), nap) for nap in naps])

    def _until_done(self, on_progress: Callable[[int], object]) -> None:
        blows = self._blows()
        blow_at, done, moved = next(blows, None), -1, time.monotonic()
        while done < self.jobs or self.frozen:
            self.crew.keep_up()
            self._wake_due()
            now_done = self._look()
            if now_done != done:
                done, moved = now_done, time.monotonic()
                on_progress(done)
            if blow_at is not None and done >= blow_at and self._strike():
                blow_at = next(blows, None)
                self._tell_somebody_to_stop()
            if time.monotonic() - moved > PATIENCE:
                self.course.findings.append(f"nothing moves since {PATIENCE:g} s; {self.jobs - done} jobs are left")
                return
            time.sleep(POLL_SECONDS)
        last = max((blow.at if blow.over == float("inf") else blow.over for blow in self.crew.strikes), default=0)
        self.course.last_strike_to_end = max(0.0, time.time() - last)

    def _blows(self) -> Iterator[int]:
        """After how many done jobs each is dealt: spread over the run, to its end."""
        count = self.kills + round(self.kills * FREEZES)
        yield from (int(self.jobs * number / (count + 1)) for number in range(1, count + 1))

    def _look(self) -> int:
        """How many are done. Noted is how long past a row's lease the others claimed and left it: by their claims, for
        on a busy machine they all stand still for a while."""
        stale = Q(status=Status.CLAIMED, lease_expires_at__lt=Now())
        if Job.objects.filter(stale).exists():
            moments = Job.objects.aggregate(expired=Min("lease_expires_at", filter=stale), claimed=Max("claimed_at"))
            if moments["expired"] is not None:
                past = (moments["claimed"] - moments["expired"]).total_seconds()
                self.course.longest_past_lease = max(self.course.longest_past_lease, past)
        return Job.objects.filter(kind="task", status__in=(Status.DONE, Status.FAILED)).count()

    def _strike(self) -> bool:
        """False if there was nobody to strike just now."""
        freeze = self.course.freezes < (self.course.kills - 1) * FREEZES
        target = self.random.choice(TARGETS)
        candidates = self.crew.children() if target == "child" else self.crew.living()
        awake = [pid for pid in candidates if not any(blow.hit(pid, pid) for _, blow in self.frozen)]
        if not awake:
            return False
        victim = self.random.choice(awake)
        # The kernel hangs up a group that loses its leader while a member is stopped.
        hangs_up = target == "parent" and any(is_stopped(child) for child in children_of(victim))
        where = {"group": victim} if target == "group" or hangs_up else {"process": victim}
        blow = self.crew.strike(signal.SIGSTOP if freeze else signal.SIGKILL, **where)
        if freeze and _is_locked():
            self.crew.wake(blow)
            return False
        if freeze:
            self.course.freezes += 1
            self.frozen.append((time.monotonic() + self.lease + self.random.uniform(0.3, 1.5), blow))
        else:
            self.course.kills += 1
        return True

    def _tell_somebody_to_stop(self) -> None:
        """Nobody with a frozen child: its grace time may not outlast the frost."""
        parents = [pid for pid in self.crew.living() if not any(map(is_stopped, [pid, *children_of(pid)]))]
        if parents and self.random.random() < STOPS:
            self.crew.tell_to_stop(self.random.choice(parents))
            self.course.stops += 1

    def _wake_due(self) -> None:
        for at, blow in self.frozen:
            if time.monotonic() >= at:
                self.crew.wake(blow)
        self.frozen = [(at, blow) for at, blow in self.frozen if blow.over == float("inf")]

    def _judge(self) -> None:
        course, made = self.course, runs(self.trace)
        rows = list(Job.objects.filter(kind="task").order_by("pk"))
        course.findings += findings(rows, marks(), made, self.crew.strikes)
        if course.findings:
            course.findings += map(str, self.crew.strikes)
        course.findings += self.crew.complaints
        course.repeats = len(made) - len({run.job for run in made})
        if len(rows) != self.jobs:
            course.findings.append(f"{self.jobs} jobs were enqueued, {len(rows)} are in the table")
        if stuck := Job.objects.filter(status=Status.CLAIMED).count():
            course.findings.append(f"{stuck} rows are still claimed")
        if course.longest_past_lease > STUCK_SECONDS:
            course.findings.append(
                f"others claimed for {course.longest_past_lease:.1f} s past a row's lease, and left it"
            )
        for word in ("deadlock", "database is locked", "Traceback"):
            if word.lower() in self.crew.words().lower():
                course.findings.append(f"{word!r} stands in stderr: {self.crew.words()[-2000:]}")


def _is_locked() -> bool:
    """SQLite: does the frozen process hold the write lock? Then everybody stands still, and that is another fault."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 300")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
            return False
        except OperationalError:
            return True
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_SECONDS * 1000}")
