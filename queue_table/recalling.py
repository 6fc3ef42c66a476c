"""What a long job keeps waiting is taken from its worker: nobody waits for a job but its own row.

The parent recalls the rest of a batch in two rounds. In the first it writes 0 into SURE_UNTIL; in a later one it locks
the rows in the database, looks whether the worker still has the same job in hand, and settles what was performed and
gives back what was not begun. The worker writes the STEP of a row, then reads SURE_UNTIL, and asks the database for the
row by `renew` if that is over. So no row is begun here that is given back:

- A worker that did not see the 0 wrote its STEP before the 0 came; that was a round ago, and no machine keeps a write
  from its other processors for so long. The parent sees that STEP, and takes nothing.
- A worker that saw it left its former STEP before it asked. Its `renew` and the parent's transaction lock the same
  rows: either the parent comes second and sees the new STEP, or the worker does, and the row has its token no more.
- A worker that asked writes the new SURE_UNTIL before it does and, if any row is gone, 0 after. If all were its own,
  the parent's lock comes later, and behind it the parent reads this SURE_UNTIL in place of its 0, and begins again.
"""

from django.db import transaction

from queue_table.guards import standing
from queue_table.lifecycle import Status
from queue_table.models import Job
from queue_table.patience import patient
from queue_table.slots import RETURNED, SETTLED, SURE_UNTIL, Slot

LONG_SECONDS = 0.8  # then a job is long


def recall(slot: Slot) -> None:
    """The first round: from now on the worker asks before it begins another row of its claim."""
    slot.reals[SURE_UNTIL] = 0.0


@patient
def take_back(slot: Slot, hand: tuple[int, ...]) -> bool:
    """The second: completes and gives back all rows but the one in hand; False, and nothing, if the worker went on.

    A row that somebody has locked is passed over.
    """
    token, keys, place = slot.token, slot.keys, hand[0] // 2
    performed, not_begun = set(keys[:place]), set(keys[place + 1 :])
    ours = standing(Job.objects.filter(claim_token=token), "status", {Status.CLAIMED})
    rows = ours.filter(pk__in=performed | not_begun).select_for_update(skip_locked=True).order_by("pk")
    with transaction.atomic():
        free = set(rows.values_list("pk", flat=True))
        if slot.hand != hand or slot.reals[SURE_UNTIL]:
            return False
        settled = Job.objects.complete_all(free & performed, token)
        returned = Job.objects.give_back(free & not_begun, token)
        # Before the commit: whoever finds the rows changed then knows by whom.
        slot.words[SETTLED] += settled
        slot.words[RETURNED] += returned
    return True
