"""The measured jobs of our side. They do what the plain side's jobs do, by the same statements."""

from typing import Any

from django.db import connection

from queue_table.tasks_api import task
from tests.benchmarks.counting import count
from tests.benchmarks.jobs import WRITE_EFFECT


@task
def empty(job: dict[str, Any]) -> None:
    count(job)


@task(atomic=True)
def write_row(job: dict[str, Any]) -> None:
    """One row, in the transaction that also completes the job."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE_EFFECT, [job["order"], job["note"]])
    count(job)
