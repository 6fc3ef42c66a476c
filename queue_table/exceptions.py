"""What the queue raises, and what a task may raise to tell the queue what to do.

QueueError
    LostClaim       the row is no longer this worker's: nothing of the attempt may be kept
    UnknownTask     no task at this path here: the row waits for a worker that knows it
    NoRoute         a message kind without an entry in QUEUE_ROUTES
    OutsideTransaction
    CancelRequested the row would wait for another attempt, but staff want its end
Verdict             raised by a task
    Retry           again, after a delay; counts as an attempt
    Snooze          again, at a moment; counts as none
    Discard         never again; the row fails with the reason
"""

from datetime import UTC, datetime, timedelta


class QueueError(Exception):
    """The queue can't do what it was asked to do."""


class LostClaim(QueueError):
    """The row was rescued, or settled by another. The surrounding transaction must roll back."""


class UnknownTask(QueueError):
    """The dotted path leads to no task in this process."""


class NoRoute(QueueError):
    """QUEUE_ROUTES has no entry for the message's kind."""


class OutsideTransaction(QueueError):
    """A message without a transaction could outlive, or miss, the change that it speaks of."""


class CancelRequested(QueueError):
    """There is no next attempt: the row is to be failed as cancelled."""


class Verdict(Exception):
    """A task's own word on how its attempt ends."""


class Retry(Verdict):
    """Try again `after` this long (default: the backoff). The attempt counts."""

    def __init__(self, reason: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        if not isinstance(after, timedelta | None):
            raise TypeError("after must be a timedelta")
        self.after = after


class Snooze(Verdict):
    """Look again at `until` (aware). The attempt does not count."""

    def __init__(self, until: datetime) -> None:
        if not isinstance(until, datetime) or until.utcoffset() is None:
            raise TypeError("until must be an aware datetime")
        super().__init__(f"snoozed until {until.isoformat()}")
        self.until = until.astimezone(UTC)  # here, in the task's own attempt, a moment beyond the calendar is refused


class Discard(Verdict):
    """Give up for good: the row fails with this reason."""


class Cancelled(Verdict):
    """Staff asked for the end of the job, and the task noticed."""
