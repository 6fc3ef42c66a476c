"""What a forked child does: it works, in one thread or several, until it is told to stop or nothing is due."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created

from queue_table.checkpoints import leave_to_the_chore
from queue_table.slots import DATABASE_AWAY, ENDING, FINISHED, Slot
from queue_table.worker import DATABASE_ERRORS, Worker


def work(slots: Sequence[Slot], options: dict[str, Any]) -> None:
    """One worker per slot. Its last word is in the first one: whether it finished, or the database failed it."""
    connection_created.connect(leave_to_the_chore)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides
    workers = [Worker(slot=slot, **options) for slot in slots]

    def stop(number: int, frame: FrameType | None) -> None:
        for worker in workers:
            worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    failures: list[BaseException] = []
    others = [threading.Thread(target=_run, args=(worker, failures)) for worker in workers[1:]]
    for thread in others:
        thread.start()
    _run(workers[0], failures)
    for thread in others:
        thread.join()
    if failures:
        sys.stderr.write(f"{failures[0]}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    slots[0].words[ENDING] = DATABASE_AWAY if failures else FINISHED
    os._exit(0)  # not waiting for threads that a job has left behind


def _run(worker: Worker, failures: list[BaseException]) -> None:
    try:
        worker.run()
    except DATABASE_ERRORS as error:
        failures.append(error)
    except BaseException:  # in whichever thread: the parent settles what this process held
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    finally:
        connections.close_all()
