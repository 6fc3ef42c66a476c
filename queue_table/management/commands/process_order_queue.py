"""What cron runs every minute, or what a service keeps running."""

import signal
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from tqdm import tqdm

from queue_table.outcomes import Report
from queue_table.slots import MOST_ROWS
from queue_table.supervisor import CannotWork, DatabaseAway, Supervisor
from queue_table.worker import Worker

AWAY = "The database does not answer: {}. The next run goes on where it can."


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not least <= int(text) <= most:
            raise ArgumentTypeError(f"from {least} to {most}")
        return int(text)

    return parse


class Command(BaseCommand):
    help = "Claims due rows of order_queue and performs them until none is due. Overlapping runs are safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--max-seconds", type=float, help="begin no new job after this (default 50, or no end)")
        parser.add_argument("--forever", action="store_true", help="wait for more work instead of ending")
        parser.add_argument(
            "--batch-size", type=_number(1, MOST_ROWS), default=10, help="rows claimed at once (default 10)"
        )
        parser.add_argument(
            "--queue", default="", help="only these queues, comma-separated, in this order (default: all)"
        )
        parser.add_argument(
            "--processes",
            type=_number(0, 64),
            default=1,
            help="children that perform (default 1); 0: this process does it, without time-outs, for a debugger",
        )
        parser.add_argument("--threads", type=_number(1, 64), default=1, help="workers in each child (default 1)")
        parser.add_argument(
            "--grace", type=float, default=20, help="seconds that jobs in hand have after SIGTERM (default 20)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tqdm.monitor_interval = 0  # its thread would stand beside the fork
        with tqdm(unit=" jobs", disable=None if options["verbosity"] else True, leave=False) as bar:
            try:
                connection.ensure_connection()
                self.stdout.write(str(_run(options, bar)))
            except OperationalError as error:
                raise CommandError(AWAY.format(error)) from error
            except DatabaseAway as error:
                raise CommandError(AWAY.format("it went away during the run")) from error
            except CannotWork as error:
                raise CommandError(str(error)) from error


def _run(options: dict[str, Any], bar: "tqdm[Any]") -> Report:
    most = options["max_seconds"]
    seconds = (float("inf") if options["forever"] else 50.0) if most is None else most
    queues = [name.strip() for name in options["queue"].split(",") if name.strip()]
    common = {
        "queues": queues,
        "max_seconds": seconds,
        "batch_size": options["batch_size"],
        "forever": options["forever"],
    }
    if options["processes"] == 0:
        worker: Worker | Supervisor = Worker(**common, on_outcome=lambda outcome: bar.update())
    else:
        worker = Supervisor(
            **common,
            processes=options["processes"],
            threads=options["threads"],
            grace_seconds=options["grace"],
            on_progress=lambda count: bar.update(count - bar.n),
        )
    return _until_told_to_stop(worker)


def _until_told_to_stop(worker: Worker | Supervisor) -> Report:
    before = {number: signal.signal(number, lambda *_: worker.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
