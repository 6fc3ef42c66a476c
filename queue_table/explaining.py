"""Why a row has not run, or how its run ended, in one sentence."""

from queue_table import clock
from queue_table.exceptions import UnknownTask
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.routes import find_task


def explain(job: Job) -> str:
    """The reason that stands first in the way of the row, by the database's clock."""
    if job.status == Status.READY:
        return _why_it_waits(job)
    if job.status == Status.CLAIMED:
        return _who_has_it(job)
    if job.status == Status.FAILED:
        last = job.errors[-1]["exception"] if job.errors else "no error kept"
        return f"Failed for good at {job.finished_at} after {job.attempts} of {job.max_attempts} attempts: {last}."
    return f"Done at {job.finished_at}, at attempt {job.attempts}."


def _why_it_waits(job: Job) -> str:
    try:
        find_task(job.task)
    except UnknownTask:
        return f"Waits for a worker that knows its task: there is no {job.task} here."
    if job.available_at > clock.now():
        after = f" It failed {job.attempts} times before." if job.attempts else ""
        return f"Not due before {job.available_at}.{after}"
    ahead = Job.objects.due().filter(priority__gt=job.priority) | Job.objects.due().filter(
        priority=job.priority, pk__lt=job.pk
    )
    return f"Due. Rows ahead of it: {ahead.count()}. If no worker takes it: does cron run process_order_queue?"


def _who_has_it(job: Job) -> str:
    over = job.lease_expires_at is not None and job.lease_expires_at < clock.now()
    hope = (
        "The lease is over: the next worker takes it back." if over else f"Its lease lasts till {job.lease_expires_at}."
    )
    return f"Claimed by {job.claimed_by} at {job.claimed_at}, attempt {job.attempts} of {job.max_attempts}. {hope}"
