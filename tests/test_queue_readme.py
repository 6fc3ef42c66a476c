"""The README's examples of the queue are run as they stand there."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from queue_table.batches import batch_state
from queue_table.checks import check_duties, check_limits, check_task_paths
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.outcomes import Outcome
from queue_table.performing import runner
from queue_table.routes import find_task, subscribers
from queue_table.testing import run_due_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]
README = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
SECTION = README.split("\n## The queue\n")[1].split("\n## ")[0]
TASKS, CALLS, SETTINGS, TESTS = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
CARRIER = """
answers = ["busy"]

def ask(carrier, shipment_id, idempotency_key):
    if carrier == "busy at first" and answers:
        return answers.pop()
    return {"a": "closed", "b": "no such carrier"}.get(carrier, f"label {shipment_id}")
"""


@pytest.fixture(autouse=True)
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The module that the example shows, and the other side that it speaks to."""
    (tmp_path / "labels.py").write_text(TASKS, encoding="utf-8")
    (tmp_path / "carrier_client.py").write_text(CARRIER, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("labels", "carrier_client"):
        sys.modules.pop(name, None)
    find_task.cache_clear()
    runner.cache_clear()


def run(source: str) -> dict[str, Any]:
    """What the example leaves behind."""
    names: dict[str, Any] = {}
    exec(compile(source, "README.md", "exec"), names)  # noqa: S102 (our own README)
    return names


def test_every_way_into_the_table_works() -> None:
    names = run(CALLS.replace("10_000", "30"))
    assert Job.objects.count() == 1 + 1 + 1 + 30 + 2 + 101 + len(subscribers("order.confirmed"))
    run_due_jobs()
    names["job"].refresh()
    assert names["job"].return_value == "label 7"
    state = batch_state(names["labels"].id)
    assert state is not None
    assert (state.done, state.unfinished) == (101, 0)
    assert Job.objects.get(task="labels.send_report").status == Status.DONE
    assert Job.objects.get(queue="labels").status == Status.READY, "it waits for tonight"
    assert Job.objects.get(task="labels.print_labels").progress == {"done": 30, "total": 30, "note": "printing"}


def test_a_task_says_how_it_goes_on() -> None:
    fetch_label: Any = find_task("labels.fetch_label")
    for carrier in ("a", "b", "busy at first"):
        fetch_label.enqueue(carrier, shipment_id=1)
    outcomes = run_due_jobs().outcomes
    assert [outcomes[outcome] for outcome in (Outcome.SNOOZED, Outcome.FAILED, Outcome.RETRIED)] == [1, 1, 1]


def test_the_settings_are_accepted() -> None:
    with override_settings(**run(SETTINGS)):
        assert [*check_task_paths(None), *check_duties(None), *check_limits(None)] == []


def test_the_tests_pass() -> None:
    tests: list[Callable[[object], None]] = [test for name, test in run(TESTS).items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test(None)
