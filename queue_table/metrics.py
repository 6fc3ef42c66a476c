"""The numbers of `queue_status` in the text format that Prometheus reads."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from queue_table.depth import QueueDepth, queue_depths

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STATES = ("due", "scheduled", "blocked", "running", "lease_over", "failed")


class Sample(NamedTuple):
    labels: dict[str, str]
    value: float


class Gauge(NamedTuple):
    name: str
    meaning: str
    samples: Sequence[Sample]


def exposition() -> str:
    """One line for each number of each queue, with its meaning and type before the first."""
    return "".join(f"{line}\n" for gauge in _gauges(queue_depths()) for line in _lines(gauge))


def _gauges(depths: Sequence[QueueDepth]) -> Iterable[Gauge]:
    counts = [(depth, state) for depth in depths for state in STATES]
    yield Gauge(
        "order_queue_jobs",
        "Jobs in the table by queue and state. lease_over are those of the running whose worker is silent.",
        [Sample({"queue": depth.queue, "state": state}, getattr(depth, state)) for depth, state in counts],
    )
    yield Gauge(
        "order_queue_jobs_capped",
        "1 where the count of order_queue_jobs stopped: there are at least so many.",
        [Sample({"queue": depth.queue, "state": state}, state in depth.at_least) for depth, state in counts],
    )
    yield _per_queue("oldest_due_seconds", "How long the oldest due job has waited; 0 if none is due.", depths)
    yield _per_queue("shortest_lease_seconds", "What is left of the lease that ends first; below 0 it is over.", depths)
    yield _per_queue("paused", "1 if nothing is claimed from the queue until it is resumed.", depths)
    yield _per_queue("done_per_minute", "Jobs done per minute, over the last five.", depths)
    yield _per_queue("failed_per_minute", "Jobs failed for good per minute, over the last five.", depths)


def _per_queue(name: str, meaning: str, depths: Sequence[QueueDepth]) -> Gauge:
    values = [(depth.queue, getattr(depth, name)) for depth in depths]
    return Gauge(
        f"order_queue_{name}",
        meaning,
        [Sample({"queue": queue}, value) for queue, value in values if value is not None],
    )


def _lines(gauge: Gauge) -> Iterable[str]:
    yield f"# HELP {gauge.name} {gauge.meaning}"
    yield f"# TYPE {gauge.name} gauge"
    for labels, value in gauge.samples:
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{gauge.name}{{{inside}}} {float(value):.10g}"


def _escaped(text: str) -> str:
    """A label's value: backslash, quote and line feed are written with a backslash before them."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
