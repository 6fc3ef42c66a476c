"""The first look at 3 a.m."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from queue_table.depth import QueueDepth, queue_depths

HEADER = "QUEUE|DUE|OLDEST DUE|SCHEDULED|BLOCKED|RUNNING|LEASE OVER|NEXT LEASE END|FAILED|PAUSED|DONE/MIN|FAILED/MIN"


class Command(BaseCommand):
    help = (
        "Prints for each queue what is due, since when, what is scheduled, blocked by a limit, running and failed, how"
        " many leases are over, and how many jobs ended per minute in the last five. A count with a + stopped there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the numbers as JSON, ages in seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            depths = queue_depths()
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps([depth.as_dict() for depth in depths], indent=2))
        else:
            self.stdout.write(_table([_cells(depth) for depth in depths]) if depths else "The queue is empty.")


def _cells(depth: QueueDepth) -> list[str]:
    return [
        depth.queue,
        depth.counted("due"),
        depth.oldest_due,
        *map(depth.counted, ("scheduled", "blocked", "running", "lease_over")),
        depth.next_lease_end,
        depth.counted("failed"),
        "PAUSED" if depth.paused else "-",
        f"{depth.done_per_minute:.1f}",
        f"{depth.failed_per_minute:.1f}",
    ]


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Names to the left, numbers to the right, two blanks between columns."""
    lines = [HEADER.split("|"), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligned = ([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines)
    return "\n".join("  ".join(cells) for cells in aligned)
