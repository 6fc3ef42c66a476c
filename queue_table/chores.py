"""What every worker does beside performing, each thing in its own rhythm. Any number of workers may do it at once."""

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError

from queue_table.batch_ends import finish_open_batches
from queue_table.checkpoints import Log, checkpoint
from queue_table.duties import enqueue_due_duties
from queue_table.limits import admit, more_in
from queue_table.rescue import rescue_expired
from queue_table.staging import MOST, promote

logger = logging.getLogger(__name__)
STAGING_SECONDS = 0.5
BOOKKEEPING_SECONDS = 1.0
CHECKPOINT_SECONDS = 0.5
SHORT_LOG_SECONDS = 0.15  # a log of some megabytes stays in the processor's cache, a longer one costs each commit more


class Soon(NamedTuple):
    """What a chore says that has more to do: when to come back, if that is before its turn."""

    seconds: float


class Chores:
    """Keeps when each was last done."""

    def __init__(self) -> None:
        lease = settings.QUEUE_LEASE_SECONDS
        self.rescued, self.log = 0, Log()
        self.rhythm: list[tuple[float, Callable[[], object]]] = [
            (lease / 4, self._rescue),
            (BOOKKEEPING_SECONDS, enqueue_due_duties),
            (BOOKKEEPING_SECONDS, finish_open_batches),
            (STAGING_SECONDS, self._promote),
            (STAGING_SECONDS, self._admit),
            (CHECKPOINT_SECONDS, self._checkpoint),
        ]
        self.due_at = [0.0] * len(self.rhythm)
        self.next_at = 0.0

    def do_what_is_due(self) -> None:
        """Does each chore whose time has come. One that the database refuses for once is done the next time."""
        now = time.monotonic()
        if now < self.next_at:
            return
        for number, (seconds, chore) in enumerate(self.rhythm):
            if now >= self.due_at[number]:
                self.due_at[number] = now + seconds
                try:
                    said = chore()
                    if isinstance(said, Soon):
                        self.due_at[number] = min(self.due_at[number], time.monotonic() + said.seconds)
                except OperationalError as error:
                    logger.warning("%s waits for its next turn: %s", chore.__name__, error)
                except InterfaceError:
                    raise
                except Exception:  # one odd row must not keep the worker from all the others
                    logger.exception("%s failed; its next turn comes", chore.__name__)
        self.next_at = min(self.due_at)

    def pause(self, longest: float) -> float:
        """For how many seconds there is nothing to do, up to `longest`."""
        return min(longest, max(0.0, self.next_at - time.monotonic()))

    def hurry(self) -> None:
        """Everything is due at once: the queue looks empty, and the run is about to end."""
        self.due_at = [0.0] * len(self.rhythm)
        self.next_at = 0.0

    def take_rescued(self) -> int:
        """How many rows were rescued since the last call."""
        rescued, self.rescued = self.rescued, 0
        return rescued

    def _rescue(self) -> None:
        self.rescued += rescue_expired()

    def _promote(self) -> Soon | None:
        began = time.monotonic()
        is_full = promote() >= MOST
        return Soon(time.monotonic() - began) if is_full else None  # half the time is for claims

    def _admit(self) -> Soon | None:
        began = time.monotonic()
        admit()
        seconds = more_in()
        return None if seconds is None else Soon(max(seconds, time.monotonic() - began))

    def _checkpoint(self) -> Soon | None:
        """Soon again while somebody writes, and no reader makes it vain."""
        before, self.log = self.log, checkpoint()
        return Soon(SHORT_LOG_SECONDS) if self.log != before and self.log.pages == self.log.written_back else None
