"""The job of the benchmark of job queues as a task of ours."""

from typing import Any

from qbench import job  # type: ignore[import-not-found]  # the other benchmark's

from queue_table.tasks_api import task


@task
def noop(payload: dict[str, Any]) -> None:
    job.noop(payload)
