"""What a task says of itself beyond Django's own arguments, and what it must not say."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.utils import timezone

from queue_table.limit_keys import queue_limit
from queue_table.models import Job
from queue_table.tasks_api import InvalidTaskError, task
from queue_table.testing import travel
from tests import sample_tasks
from tests.queue_rows import again, run_worker
from tests.sample_tasks import add

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


def test_the_pauses_are_those_of_the_task_and_the_last_repeats() -> None:
    wanted = sample_tasks.fail_patiently
    assert [wanted.retry_delay_after(attempt) for attempt in (1, 2, 3, 9)] == [  # type: ignore[attr-defined]
        timedelta(seconds=5),
        timedelta(hours=2),
        timedelta(hours=2),
        timedelta(hours=2),
    ]
    assert add.retry_delay_after(1) is None  # type: ignore[attr-defined]
    job = Job.objects.get(pk=int(wanted.enqueue().id))
    for seconds in (5, 7200, 7200):
        run_worker()
        pause = again(job).available_at - timezone.now()
        assert timedelta(seconds=seconds - 4) < pause <= timedelta(seconds=seconds)
        travel(timedelta(hours=3))


def test_a_timeout_is_a_timedelta_or_seconds() -> None:
    for written, seconds in ((30, 30.0), (0.5, 0.5), (timedelta(minutes=2), 120.0), (None, None)):
        assert task(timeout=written)(add.func).timeout_seconds == seconds  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"max_attempts": True}, "max_attempts"),
        ({"max_attempts": 2.0}, "max_attempts"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": "30"}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"timeout": timedelta(days=400)}, "timeout"),
        ({"retry_delays": 5}, "retry_delays"),
        ({"retry_delays": "55"}, "retry_delays"),
        ({"retry_delays": [5, -1]}, "retry_delays"),
        ({"retry_delays": [None]}, "retry_delays"),
    ],
)
def test_nonsense_is_refused_when_it_is_written(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidTaskError, match=named):
        task(**arguments)(add.func)


def test_a_task_with_arguments_of_the_queue_is_a_value_like_any_other() -> None:
    one, two = (task(retry_delays=[1, 2], rate_limit="1/s", timeout=3)(add.func) for _ in range(2))
    assert (one == two, len({one, two})) == (True, 1)
    assert one.using(priority=3).using(priority=0) == one


def test_a_key_must_be_a_text_that_fits_its_column_and_no_queues() -> None:
    odd = task(concurrency_key=return_it)(add.func)
    for key in ("", "x" * 191, 7, "queue:mail", "with NUL", "with half a character"):
        with pytest.raises((InvalidTaskError, ValueError), match="key"):
            odd.enqueue(key, 1)
    assert not Job.objects.exists()


def return_it(key: Any, _: int) -> Any:
    return {"with NUL": "a\0b", "with half a character": "\ud800"}.get(key, key)


@pytest.mark.parametrize(
    "arguments",
    [
        {"concurrency_key": ""},
        {"concurrency_key": 7},
        {"concurrency_key": "k", "concurrency_limit": 0},
        {"concurrency_key": "k", "concurrency_limit": True},
        {"concurrency_key": "k", "concurrency_limit": 1.5},
        {"concurrency_key": "k", "concurrency_limit": None},
        {"concurrency_limit": 3},
        {"rate_limit": "often"},
        {"rate_limit": "0/s"},
        {"rate_limit": "-1/s"},
        {"rate_limit": "1.5/s"},
        {"rate_limit": "5"},
        {"rate_limit": "1000001/s"},
        {"rate_limit": (5, 1)},
        {"rate_limit": (0, timedelta(seconds=1))},
        {"rate_limit": (5, timedelta())},
    ],
)
def test_a_limit_that_is_nonsense_is_refused_when_it_is_written(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidTaskError, match=r"rate|concurrency"):
        task(**arguments)(add.func)


@pytest.mark.parametrize("limit", [{"rate": "often"}, {"rates": "1/s"}, {"concurrency": 0}, {"concurrency": "4"}])
def test_a_queues_limit_that_is_nonsense_is_refused(limit: dict[str, Any]) -> None:
    with override_settings(QUEUE_LIMITS={"q": limit}), pytest.raises(ImproperlyConfigured, match="QUEUE_LIMITS"):
        queue_limit("q")
