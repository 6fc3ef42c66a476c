"""Several hands at one time, each with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

PATIENCE = 60


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Starts all calls together and waits for them: what each returned, or the exception that it raised."""
    gate = threading.Barrier(len(calls), timeout=PATIENCE)
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(_one, call, gate) for call in calls]]


def _one(call: Callable[[], Any], gate: threading.Barrier) -> Any:
    try:
        connections["default"].ensure_connection()  # the race is about rows, not about who connects first
        gate.wait()
        return call()
    except Exception as error:
        return error
    finally:
        connections.close_all()
