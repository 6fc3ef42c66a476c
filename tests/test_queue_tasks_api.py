"""The standard tasks API of Django, on the table."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone

from queue_table.backend import OrderQueueBackend
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.routes import find_task
from queue_table.tasks_api import (
    InvalidTaskError,
    TaskResult,
    TaskResultDoesNotExist,
    TaskResultStatus,
    task,
    task_enqueued,
    task_finished,
    task_started,
)
from queue_table.testing import travel
from tests import sample_tasks
from tests.queue_rows import run_worker
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def test_a_task_is_enqueued_performed_and_its_result_read() -> None:
    result = sample_tasks.add.enqueue(2, b=3)
    assert (result.status, result.args, result.kwargs) == (TaskResultStatus.READY, [2], {"b": 3})
    assert result.enqueued_at is not None
    run_worker()
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, 5, 1)


def test_an_async_task_runs_too() -> None:
    result = sample_tasks.add_later.enqueue(2, 3)
    run_worker()
    assert sample_tasks.add_later.get_result(result.id).return_value == 5


def test_a_task_is_told_its_attempt() -> None:
    result = sample_tasks.attempt_number.enqueue()
    run_worker()
    assert sample_tasks.attempt_number.get_result(result.id).return_value == 1


def test_using_sets_priority_queue_and_moment() -> None:
    later = timezone.now() + timedelta(hours=1)
    sample_tasks.add.using(priority=7, queue_name="slow", run_after=later).enqueue(1, 1)
    job = Job.objects.get()
    assert (job.priority, job.queue, job.available_at) == (7, "slow", later)
    run_worker()
    assert Job.objects.get(pk=job.pk).status == Status.READY


def test_a_failed_result_names_its_exception() -> None:
    result = sample_tasks.raise_once.enqueue()
    run_worker()
    result.refresh()
    assert result.status == TaskResultStatus.FAILED
    assert result.errors[0].exception_class is RuntimeError


@pytest.mark.parametrize("unknown", ["0", "999999999", "9" * 30, "9" * 5000, "-1", "1.5", "", "not-a-number", None])
def test_an_unknown_result_does_not_exist(unknown: Any) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        sample_tasks.add.get_result(unknown)


def test_the_signals_are_sent() -> None:
    heard: list[tuple[str, str]] = []
    signals = {"enqueued": task_enqueued, "started": task_started, "finished": task_finished}

    def listen(name: str) -> object:
        def receiver(task_result: object, **kwargs: object) -> None:
            heard.append((name, task_result.status))  # type: ignore[attr-defined]

        return receiver

    receivers = {name: listen(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(receivers[name])  # type: ignore[arg-type]
    sample_tasks.add.enqueue(1, 1)
    run_worker(queues=["default"])
    for name, signal in signals.items():
        signal.disconnect(receivers[name])  # type: ignore[arg-type]
    own = heard[:1] + heard[-2:]
    assert own == [("enqueued", "READY"), ("started", "RUNNING"), ("finished", "SUCCESSFUL")]


def test_a_result_is_what_was_enqueued() -> None:
    for wanted in (add, add.using(priority=-100), add.using(queue_name="mail", run_after=timezone.now())):
        result = wanted.enqueue(1, 2)
        assert (result.task, result.backend, result.id) == (wanted, "default", str(Job.objects.latest("pk").pk))
        assert add.get_result(result.id) == result
    assert (result.started_at, result.finished_at, result.errors, result.worker_ids) == (None, None, [], [])


def test_everything_has_an_async_twin() -> None:
    async def all_of_it() -> "TaskResult[int]":
        result = await add.aenqueue(2, 3)
        assert (await add.aget_result(result.id)).status == TaskResultStatus.READY
        return result

    result = async_to_sync(all_of_it)()
    run_worker()
    async_to_sync(result.arefresh)()
    assert result.return_value == 5


def test_a_result_tells_each_attempt_with_its_error_and_worker() -> None:
    result = sample_tasks.raise_error.enqueue()
    for attempt in (1, 2, 3):
        run_worker()
        result.refresh()
        assert (result.attempts, len(result.errors)) == (attempt, attempt)
        assert result.started_at == result.last_attempted_at != None  # noqa: E711 (both are a moment)
        travel(timedelta(hours=2))
    workers = result.worker_ids
    assert workers[2] == Job.objects.get(pk=int(result.id)).claimed_by
    assert workers[2] not in workers[:2], "who made the earlier attempts is not made up"
    assert [error.exception_class for error in result.errors] == [RuntimeError] * 3
    with pytest.raises(ValueError, match="failed"):
        _ = result.return_value


def test_an_attempt_that_did_not_count_is_not_told() -> None:
    result = sample_tasks.snooze_until.enqueue((timezone.now() + timedelta(hours=1)).isoformat())
    run_worker()
    result.refresh()
    assert (result.status, result.attempts, result.started_at) == (TaskResultStatus.READY, 0, None)


def test_the_result_of_another_task_is_no_result_of_this_one() -> None:
    result = add.enqueue(1, 2)
    with pytest.raises(Exception, match="does not match"):
        sample_tasks.add_later.get_result(result.id)


def test_the_result_of_a_task_that_is_gone_does_not_exist() -> None:
    result = add.enqueue(1, 2)
    Job.objects.update(task="tests.sample_tasks.gone")
    with pytest.raises(TaskResultDoesNotExist):
        add.get_result(result.id)
    with pytest.raises(TaskResultDoesNotExist):
        result.refresh()


@pytest.mark.parametrize(
    ("odd", "refusal"),
    [
        (object(), TypeError),
        ({1, 2}, TypeError),
        ({(1, 2): 3}, TypeError),
        (timezone.now(), TypeError),
        (b"\xff", ValueError),
        (float("nan"), ValueError),
        ("nul \0", ValueError),
        ("half a pair \ud800", ValueError),
        ([[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]], ValueError),
    ],
)
def test_an_argument_that_json_cannot_hold_is_refused_and_the_transaction_goes_on(odd: Any, refusal: Any) -> None:
    with transaction.atomic():
        for enqueue in (lambda: add.enqueue(odd, 1), lambda: add.enqueue(1, b=[odd])):
            with pytest.raises(refusal, match=r"tests\.sample_tasks\.add can't be kept as JSON"):
                enqueue()
        add.enqueue(1, 1)
    assert Job.objects.count() == 1


def test_an_argument_that_contains_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="without end"):
        add.enqueue(circle, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": 101},
        {"priority": -101},
        {"priority": 1.5},
        {"queue_name": ""},
        {"queue_name": "q" * 65},
        {"queue_name": "nul \0"},
        {"queue_name": "half \ud800"},
        {"run_after": datetime(2100, 1, 1)},  # noqa: DTZ001 (naive: the point of it)
    ],
)
def test_a_task_that_no_row_could_hold_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidTaskError):
        add.using(**changes)


def test_a_function_that_no_worker_could_find_is_refused() -> None:
    def inner() -> None:
        """Of no module."""

    for function in (inner, lambda: None):
        with pytest.raises(InvalidTaskError, match="module level"):
            task(function)


def test_a_task_that_takes_context_must_name_it() -> None:
    with pytest.raises(InvalidTaskError, match="context"):
        task(takes_context=True)(add.func)


def test_a_backend_with_named_queues_takes_no_other() -> None:
    backend = OrderQueueBackend("default", {"QUEUES": ["mail"]})
    backend.validate_task(add.using(queue_name="mail"))
    with pytest.raises(InvalidTaskError, match="default"):
        backend.enqueue(add, [1, 2], {})
    assert not Job.objects.exists()


@pytest.fixture
def foreign_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module with a plain Django task that this project has never seen."""
    source = "from django_tasks import task\n\n@task\ndef greet(name):\n    return f'hello {name}'\n"
    (tmp_path / "somebody_elses.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "somebody_elses.greet"
    sys.modules.pop("somebody_elses", None)
    find_task.cache_clear()


def test_a_task_this_project_has_never_seen_runs_from_the_table(foreign_module: str) -> None:
    result = find_task(foreign_module).enqueue("queue")
    run_worker()
    assert Job.objects.get(pk=int(result.id)).result == "hello queue"
