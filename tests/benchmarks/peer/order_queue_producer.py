"""Enqueues for order_queue_peer, in the project's environment: `python -m tests.benchmarks.peer.order_queue_producer`.

Its argument is the path of a socket, on which it gets ("one" or "many", payloads) and answers when they are enqueued.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Listener
from typing import Any

import django
from django.db import transaction

CHUNK = 1000  # rows of one transaction, as the other peers do it


def main(address: str) -> None:
    django.setup()
    with Listener(address) as listener, listener.accept() as connection, suppress(EOFError):
        while True:
            how, payloads = connection.recv()
            {"one": one, "many": many}[how](payloads)
            connection.send(len(payloads))


def one(payloads: Sequence[Any]) -> None:
    from tests.benchmarks.peer.order_queue_jobs import noop

    for payload in payloads:
        noop.enqueue(payload)


def many(payloads: Sequence[Any]) -> None:
    from queue_table import outbox
    from tests.benchmarks.peer.order_queue_jobs import noop

    for start in range(0, len(payloads), CHUNK):
        with transaction.atomic():
            if hasattr(outbox, "enqueue_many"):
                outbox.enqueue_many(noop, [outbox.call(payload) for payload in payloads[start : start + CHUNK]])
            else:
                one(payloads[start : start + CHUNK])


if __name__ == "__main__":
    main(sys.argv[1])
