"""The shop's own chores."""

from django.contrib.sessions.models import Session

from queue_table import clock
from queue_table.invariant import Invariant
from queue_table.running import report_progress
from queue_table.tasks_api import task
from shop.ops.invariants import INVARIANTS
from shop.ops.invariants.checking import check
from shop.ops.invariants.keeping import keep


@task
def prune_sessions() -> None:
    """The duty: forgets sessions that are over, and with them what only they could reach."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()


@task(concurrency_key="check_invariants")
def check_invariants() -> None:
    """The duty, and what staff may ask for: looks at everything and keeps what it found."""
    keep(check(INVARIANTS, _report), clock.now())


def _report(invariant: Invariant, key: int, last: int) -> None:
    report_progress(INVARIANTS.index(invariant), len(INVARIANTS), f"{invariant.name} {key}/{last}")
