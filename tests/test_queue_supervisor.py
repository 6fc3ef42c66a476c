"""A job can take its process with it: hang, exit, eat memory. The worker goes on, and only that job pays."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from queue_table.lifecycle import Status
from queue_table.models import Job
from tests import sample_tasks
from tests.chaos.fail_points import Point, leave, run_with
from tests.queue_rows import again, pass_backoff, put
from tests.sample_tasks import append
from tests.test_queue_processes import WORKER, end, run, start, traces

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


@pytest.mark.parametrize(
    ("task", "arguments", "reason"),
    [
        (sample_tasks.kill_own_process, (), "ended by SIGKILL"),
        (sample_tasks.leave, (7,), "ended with code 7"),
        (sample_tasks.leave, (0,), "ended with code 0"),
        (sample_tasks.leave, (3,), "ended with code 3"),
        (sample_tasks.hang, ("/dev/null",), "took longer than 1 s"),
        (sample_tasks.eat_memory, (), "MB of memory"),
    ],
    ids=["kills", "exits", "exits well", "exits as the database does", "hangs", "eats memory"],
)
def test_a_job_that_takes_its_process_with_it_is_counted_and_the_rest_of_its_batch_is_not(
    task: object, arguments: tuple[object, ...], reason: str, process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    before = put(append.using(priority=1), str(trace), "before")
    poison = put(task, *arguments)
    after = [put(append, str(trace), f"after{number}") for number in range(3)]
    for attempt in (1, 2, 3):
        code, output = run(WORKER, process_environment | {"QUEUE_MEMORY_MB": "300"})
        assert code == 0, output
        assert again(poison).attempts == attempt
        assert reason in again(poison).errors[-1]["traceback"]
        pass_backoff(poison) if attempt < 3 else None
    assert again(poison).status == Status.FAILED
    assert sorted(word for _, word in traces(trace)) == ["after0", "after1", "after2", "before"], "each ran once"
    assert {(again(job).status, again(job).attempts) for job in (before, *after)} == {(Status.DONE, 1)}


def test_what_was_performed_before_the_process_died_is_not_performed_again(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    for number in range(30):
        put(append.using(priority=1), str(trace), str(number))
    put(sample_tasks.leave, 1)
    assert run([*WORKER, "--batch-size", "100"], process_environment)[0] == 0
    assert sorted(int(word) for _, word in traces(trace)) == list(range(30))
    assert Job.objects.filter(status=Status.DONE, kind="task").count() == 30


def test_a_job_longer_than_its_lease_lives_as_long_as_its_worker(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    job = put(append, str(trace), "long", 7)
    short = process_environment | {"QUEUE_LEASE_SECONDS": "2"}
    first = start(WORKER, short)
    time.sleep(4)
    assert run(WORKER, short)[0] == 0, "another worker comes by, and finds nothing to take"
    assert end(first)[0] == 0
    assert [word for _, word in traces(trace)] == ["long"]
    assert (again(job).status, again(job).attempts) == (Status.DONE, 1)


def test_a_frozen_process_loses_its_rows_and_changes_none_when_it_wakes_up(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    frozen = put(sample_tasks.freeze_own_process.using(priority=1))
    rest = [put(append, str(trace), str(number)) for number in range(3)]
    short = process_environment | {"QUEUE_LEASE_SECONDS": "1"}
    sleeper = start(WORKER, short)
    wait_for(lambda: again(frozen).status == Status.CLAIMED)
    time.sleep(2.5)
    while set(Job.objects.filter(pk__in=[job.pk for job in rest]).values_list("status", flat=True)) != {Status.DONE}:
        other = start([*WORKER, "--max-seconds", "3"], short)
        while other.poll() is None:  # it may take the freezing job again
            wake_children(other.pid)
            time.sleep(0.2)
        end(other)
    wake_children(sleeper.pid)
    assert end(sleeper)[0] == 0
    assert sorted(word for _, word in traces(trace)) == ["0", "1", "2"], "the sleeper ran none of what it had lost"


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def wake_children(pid: int) -> None:
    for child in children_of(pid):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGCONT)


def wait_for(condition: object, seconds: float = 30) -> None:
    end_at = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end_at, "it did not happen"
        time.sleep(0.05)


def test_a_child_whose_parent_was_killed_finishes_what_it_holds_and_ends(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    jobs = [put(append, str(trace), str(number), 0.3) for number in range(4)]
    parent = start([*WORKER, "--forever"], process_environment)
    wait_for(trace.exists)
    [child] = children_of(parent.pid)
    parent.kill()
    wait_for(lambda: not Path(f"/proc/{child}").exists())
    parent.communicate()
    assert Job.objects.filter(status=Status.CLAIMED).count() == 0
    assert {again(job).status for job in jobs} <= {Status.DONE, Status.READY}


def test_forever_waits_for_work_and_ends_on_sigterm(process_environment: dict[str, str], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    worker = start([*WORKER, "--forever", "--processes", "2", "--threads", "2"], process_environment)
    for number in range(3):
        job = put(append, str(trace), str(number))
        wait_for(lambda job=job: again(job).status == Status.DONE)
    worker.terminate()
    code, output = end(worker)
    assert (code, "done=" in output) == (0, True)
    assert sorted(word for _, word in traces(trace)) == ["0", "1", "2"]


def test_after_the_grace_time_a_job_that_did_not_end_is_given_back_uncounted(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    job = put(append, str(trace), "never", 600)
    worker = start([*WORKER, "--forever", "--grace", "1"], process_environment)
    wait_for(lambda: again(job).status == Status.CLAIMED)
    worker.terminate()
    assert end(worker)[0] == 0
    assert (again(job).status, again(job).attempts) == (Status.READY, 0)
    assert not trace.exists()


def test_zero_processes_perform_in_the_commands_own(process_environment: dict[str, str], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    put(append, str(trace), "here")
    worker = start([*WORKER, "--processes", "0"], process_environment)
    assert end(worker)[0] == 0
    assert traces(trace) == [(str(worker.pid), "here")]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no connection that could be cut")
def test_a_waiting_worker_whose_connections_are_cut_goes_on_by_itself(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    worker = start([*WORKER, "--forever"], process_environment)
    before = put(append, str(trace), "before", 1.0)
    wait_for(lambda: again(before).status == Status.CLAIMED)
    cut_other_connections()
    after = put(append, str(trace), "after")
    wait_for(lambda: again(after).status == Status.DONE)
    worker.terminate()
    assert end(worker)[0] == 0
    assert again(before).attempts == 1
    assert again(before).status in {Status.DONE, Status.READY}, "done, or its one attempt was cut off"


def cut_other_connections() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()")
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")


@pytest.mark.parametrize("threads", ["1", "2"])
def test_nobody_waits_for_a_long_job_but_its_own_row(
    threads: str, process_environment: dict[str, str], tmp_path: Path
) -> None:
    trace, over = tmp_path / "trace", tmp_path / "over"
    before = [put(append.using(priority=2), str(trace), f"before{number}") for number in range(2)]
    long = put(sample_tasks.wait_for_file.using(priority=1), str(over))
    behind = [put(append, str(trace), f"behind{number}") for number in range(4)]
    first = start([*WORKER, "--threads", threads], process_environment)
    wait_for(lambda: {again(job).status for job in before} == {Status.DONE})
    wait_for(lambda: Status.CLAIMED not in {again(job).status for job in behind})
    assert run(WORKER, process_environment)[0] == 0
    assert again(long).status == Status.CLAIMED
    assert {(again(job).status, again(job).attempts) for job in (*before, *behind)} == {(Status.DONE, 1)}
    over.touch()
    code, output = end(first)
    assert (code, again(long).status, again(long).attempts) == (0, Status.DONE, 1)
    assert len(traces(trace)) == len({word for _, word in traces(trace)}) == 6, "each ran once"
    assert int(dict(word.split("=") for word in output.split())["done"]) >= 3, "what the parent settled is done"
    assert "lost" not in output, "nor is lost what it gave back"


def test_what_is_given_back_at_the_moment_in_which_it_could_begin_runs_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every job counts as long, and ends at about the time when the rows behind it are taken back."""
    for name, seconds in {
        "watched.LONG": 0.01,
        "watched.RECALL": 0.005,
        "watched.AGAIN": 0.01,
        "supervisor.WATCH": 0.002,
    }.items():
        monkeypatch.setattr(f"queue_table.{name}_SECONDS", seconds)
    jobs = 300
    for number in range(jobs):
        put(append, str(tmp_path / "trace"), str(number), 0.01 + 0.001 * (number % 20))
    nowhere = Point("queue_table.supervisor.settle_claim", "before", "parent", call=jobs)
    run_with(nowhere, leave, tmp_path / "words", processes=3, batch_size=20)
    assert sorted(int(word) for _, word in traces(tmp_path / "trace")) == list(range(jobs)), "each once"
    rows = Job.objects.filter(task__endswith="append")
    assert set(rows.values_list("status", "attempts")) == {(Status.DONE, 1)}
