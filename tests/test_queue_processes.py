"""Real processes at one table: they never take the same row, and none dies with work in its hands."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.conf import settings

from queue_table.lifecycle import Status
from queue_table.models import Job
from tests.queue_rows import again, end_lease, put, statuses
from tests.sample_tasks import append, kill_own_group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
CRON = [sys.executable, "manage.py", "process_order_queue"]
WORKER = [*CRON, "--skip-checks"]  # without Django's checks, which load every page: two fifths of a start's work
ORIGIN = [sys.executable, "-m", "tests.origin_worker"]


def start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True, process_group=0
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and what was printed."""
    output, _ = process.communicate(timeout=90)
    return process.returncode, output


def run(command: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    return end(start(command, environment))


def run_two(command: Sequence[str], environment: dict[str, str]) -> None:
    first, second = start(command, environment), start(command, environment)
    assert [end(first)[0], end(second)[0]] == [0, 0]


def traces(path: Path) -> list[tuple[str, str]]:
    """(process, word) of each line that a task left."""
    return [(line.split()[0], line.split()[1]) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_origins_way_takes_other_workers_rows(process_environment: dict[str, str], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for number in range(20):
        put(append, str(trace), str(number))
    barrier = tmp_path / "barrier"
    barrier.mkdir()
    run_two([*ORIGIN, str(barrier)], process_environment)
    runs = Counter(word for _, word in traces(trace))
    assert max(runs.values()) > 1


def test_two_cron_runs_at_once_never_take_the_same_row(process_environment: dict[str, str], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for number in range(150):
        put(append, str(trace), str(number), 0.02)
    run_two([*CRON, "--batch-size", "5"], process_environment)
    done = traces(trace)
    assert sorted(int(word) for _, word in done) == list(range(150))
    assert len({process for process, _ in done}) == 2, "both took part, or this proves nothing"
    assert set(statuses()) == {Status.DONE}


def test_rows_of_a_worker_that_was_killed_with_its_parent_are_performed_by_the_next(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    killer = put(kill_own_group.using(priority=1))
    rest = [put(append, str(trace), str(number)) for number in range(3)]
    for attempt in (1, 2, 3):
        assert run(WORKER, process_environment)[0] == -signal.SIGKILL
        assert again(killer).attempts == attempt
        assert {again(job).status for job in rest} == {Status.CLAIMED}
        for job in (killer, *rest):
            end_lease(job)
    assert run(WORKER, process_environment)[0] == 0
    assert sorted(word for _, word in traces(trace)) == ["0", "1", "2"]
    assert (again(killer).status, again(killer).attempts) == (Status.FAILED, 3)
    assert {again(job).status for job in rest} == {Status.DONE}
    assert max(again(job).attempts for job in rest) == 2, "one attempt may count of what nobody knows whether it began"


def test_a_lease_ends_by_the_databases_clock(process_environment: dict[str, str], tmp_path: Path) -> None:
    put(kill_own_group)
    short = process_environment | {"QUEUE_LEASE_SECONDS": "1"}
    assert run(WORKER, short)[0] == -signal.SIGKILL
    time.sleep(1.5)
    assert Job.objects.expired().count() >= 1


def test_a_terminated_run_finishes_the_job_in_hand_and_gives_back_the_rest(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    jobs = [put(append, str(trace), str(number), 0.5) for number in range(6)]
    process = start(WORKER, process_environment)
    while not trace.exists():
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    code, output = end(process)
    assert (code, "claimed=" in output) == (0, True)
    written = {int(word) for _, word in traces(trace)}
    for number, job in enumerate(jobs):
        expected = (Status.DONE, 1) if number in written else (Status.READY, 0)
        assert (again(job).status, again(job).attempts) == expected
    assert len(written) < 6


def test_the_command_prints_one_line(process_environment: dict[str, str], tmp_path: Path) -> None:
    put(append, str(tmp_path / "trace"), "x")
    _, output = run([*CRON, "--queue", "default"], process_environment)
    words = [word.split("=")[0] for word in output.split()]
    assert words == ["rescued", "claimed", "done", "retried", "failed", "seconds"]
    assert output.count("\n") == 1


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_batch_of_nothing_is_refused_with_a_sentence(process_environment: dict[str, str], size: str) -> None:
    command = [*CRON, "--batch-size", size]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=process_environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--batch-size" in done.stderr.splitlines()[-1]


def test_a_database_that_is_away_is_said_in_a_line(process_environment: dict[str, str]) -> None:
    away = process_environment | {"DATABASE_URL": "postgres://shop:hunter2@127.0.0.1:1/shop"}
    done = subprocess.run(CRON, cwd=settings.BASE_DIR, env=away, capture_output=True, text=True)
    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
