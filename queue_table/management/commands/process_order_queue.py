"""What cron runs every minute."""

import signal
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from queue_table.worker import Worker


def _at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ArgumentTypeError("at least 1")
    return int(text)


class Command(BaseCommand):
    help = "Claims due rows of order_queue and performs them until none is due. Overlapping runs are safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--max-seconds", type=float, default=50, help="begin no new job after this (default 50)")
        parser.add_argument("--batch-size", type=_at_least_one, default=10, help="rows claimed at once (default 10)")
        parser.add_argument("--queue", default="", help="only these queues, comma-separated (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        queues = [name.strip() for name in options["queue"].split(",") if name.strip()]
        with tqdm(unit=" jobs", disable=None if options["verbosity"] else True, leave=False) as bar:
            worker = Worker(
                queues=queues,
                batch_size=options["batch_size"],
                max_seconds=options["max_seconds"],
                on_outcome=lambda outcome: bar.update(),
            )
            before = signal.signal(signal.SIGTERM, lambda number, frame: worker.stop())
            try:
                report = worker.run()
            except OperationalError as error:
                raise CommandError(
                    f"The database does not answer: {error}. The next run goes on where it can."
                ) from error
            finally:
                signal.signal(signal.SIGTERM, before)
        self.stdout.write(str(report))
