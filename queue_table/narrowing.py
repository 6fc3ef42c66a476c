"""Which rows an operator means, by what is known of them."""

from collections.abc import Collection

from queue_table.querysets import JobQuerySet


def narrowed(
    jobs: JobQuerySet, *, ids: Collection[int] = (), kind: str = "", task: str = "", queue: str = ""
) -> JobQuerySet:
    """The rows of which everything holds that is given."""
    if ids:
        jobs = jobs.filter(pk__in=ids)
    exact = {"kind": kind, "task": task, "queue": queue}
    return jobs.filter(**{column: value for column, value in exact.items() if value})
