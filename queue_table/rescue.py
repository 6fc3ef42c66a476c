"""Rows whose worker died are taken from it when their lease is over."""

import logging

from queue_table.models import Job

logger = logging.getLogger(__name__)


def rescue_expired() -> int:
    """Makes expired rows ready again, or failed when they are out of attempts; returns how many it took."""
    return sum(_rescue(job) for job in Job.objects.expired())


def _rescue(job: Job) -> bool:
    job.note_error("queue_table.exceptions.LostClaim", f"{job.claimed_by} did not settle the row within its lease")
    rescued = Job.objects.rescue(job)
    if rescued and job.is_last_attempt:
        logger.error("job %s (%s, %s) failed for good: its workers died", job.pk, job.kind, job.task)
    return rescued
