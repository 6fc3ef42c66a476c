"""Rows whose worker died are taken from it when their lease is over."""

import logging

from queue_table.models import Job

logger = logging.getLogger(__name__)


def rescue_expired() -> int:
    """Makes expired rows ready again, or failed when they are out of attempts; returns how many it took.

    A worker performs and settles the rows of a claim one by one, in claim order: of those it left behind, the first is
    the one that it died with. The others never began, so their attempt does not count, and a job that kills its worker
    uses up nobody's attempts but its own.
    """
    expired = list(Job.objects.expired().in_claim_order())
    first_of_claim = {job.claim_token: job.pk for job in reversed(expired)}
    return sum(_rescue(job, began=first_of_claim[job.claim_token] == job.pk) for job in expired)


def _rescue(job: Job, *, began: bool) -> bool:
    if began:
        job.note_error("queue_table.exceptions.LostClaim", f"{job.claimed_by} did not settle the row within its lease")
    rescued = Job.objects.rescue(job, began=began)
    if rescued and began and job.is_last_attempt:
        logger.error("job %s (%s, %s) failed for good: its workers died", job.pk, job.kind, job.task)
    return rescued
