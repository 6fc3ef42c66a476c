"""Rows whose worker died with its watcher are taken from it when their lease is over."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from uuid import UUID

from queue_table.models import Job

logger = logging.getLogger(__name__)


def rescue_expired() -> int:
    """Makes expired rows ready again, or failed when they are out of attempts; returns how many it took.

    A worker performs the rows of a claim in claim order, and settles all it has done before it begins a row that was
    tried before, or that has no further attempt. So if such a row is the first one left, it was in hand; else neither
    it nor any after it was begun. For new rows before it nobody knows: their attempt is counted, which fails none of
    them, and from then on they are told apart. A job that kills its workers uses up nobody's last attempt but its own.
    """
    claims: dict[UUID | None, list[Job]] = defaultdict(list)
    for job in Job.objects.expired().in_claim_order():
        claims[job.claim_token].append(job)
    return sum(_rescue_claim(left) for left in claims.values())


def _rescue_claim(left: Sequence[Job]) -> int:
    begun = list(takewhile(lambda job: not _is_told_apart(job), left)) or left[:1]
    return sum(_rescue(job, counted=job in begun) for job in left)


def _is_told_apart(job: Job) -> bool:
    return job.attempts > 1 or job.is_last_attempt


def _rescue(job: Job, *, counted: bool) -> bool:
    if counted:
        job.note_error("queue_table.exceptions.LostClaim", f"{job.claimed_by} did not settle the row within its lease")
    rescued = Job.objects.rescue(job, counted=counted)
    if rescued and counted and job.is_last_attempt:
        logger.error("job %s (%s, %s) failed for good: its workers died", job.pk, job.kind, job.task)
    return rescued
