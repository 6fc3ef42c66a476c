"""The standard tasks API of Django, on the table."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.routes import find_task
from queue_table.tasks_api import TaskResultDoesNotExist, TaskResultStatus, task_enqueued, task_finished, task_started
from tests import sample_tasks
from tests.queue_rows import run_worker

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


@pytest.mark.parametrize("unknown", ["0", "999999999", "not-a-number"])
def test_an_unknown_result_does_not_exist(unknown: str) -> None:
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
