"""What becomes of a claim whose worker can't go on: died, was killed, or lost its database."""

from contextlib import suppress

from queue_table.exceptions import LostClaim, QueueError
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.outcomes import Outcome
from queue_table.performing import pause_after, settle_failed_attempt
from queue_table.slots import Slot


class WorkerDied(QueueError):
    """The attempt took its process with it, or was ended because it took too long or too much."""


def settle_claim(slot: Slot, reason: str, *, counted: bool = True) -> None:
    """Completes what was performed, gives back what was not begun, and counts one attempt: of the row in hand.

    Not even that if not `counted`: the worker was stopped for a reason of its own.
    """
    token, performed, in_hand = slot.token, set(slot.performed), slot.in_hand
    left = set(Job.objects.filter(status=Status.CLAIMED, claim_token=token).values_list("pk", flat=True))
    Job.objects.complete_all(left & performed, token)
    if in_hand in left and counted:
        slot.count(_end_attempt(Job.objects.filter(pk=in_hand, claim_token=token).first(), reason))
        left.discard(in_hand)
    Job.objects.give_back(left - performed, token)
    slot.release()


def _end_attempt(job: Job | None, reason: str) -> Outcome:
    with suppress(LostClaim):
        if job is not None:
            return settle_failed_attempt(job, WorkerDied(reason), pause_after(job.task, job.attempts))
    return Outcome.LOST
