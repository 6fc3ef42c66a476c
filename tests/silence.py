"""A way to the database server on which words can get lost: the connection stands, and nobody answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection


class Wire:
    """Forwards to the test's server, on a port of its own."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.lost: set[socket.socket] = set()
        self.ends: list[socket.socket] = []
        self.is_open = threading.Event()
        self.is_open.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Until `speak`: whatever is said waits."""
        self.is_open.clear()

    def speak(self) -> None:
        self.is_open.set()

    def lose_those_that_are_open(self) -> None:
        """For good. Who connects again is heard."""
        self.lost |= set(self.ends)

    def close(self) -> None:
        self.lose_those_that_are_open()
        self.speak()
        for end in [self.server, *self.ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        where: Any = connection.settings_dict
        with suppress(OSError):
            while True:
                near, _ = self.server.accept()
                far = socket.create_connection((where["HOST"], int(where["PORT"])))
                self.ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while words := source.recv(2**16):
                self.is_open.wait()
                if source not in self.lost:
                    target.sendall(words)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def wire() -> Iterator[Wire]:
    wired = Wire()
    try:
        yield wired
    finally:
        wired.close()
