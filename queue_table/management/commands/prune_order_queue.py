"""Makes the table smaller by hand; the daily duty does the same by itself."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from queue_table.pruning import prune, prune_tallies


class Command(BaseCommand):
    help = "Deletes done rows of order_queue, in short transactions beside the running workers. Failed rows stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=settings.QUEUE_KEEP_DAYS, help="keep what finished since (default %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        gone = 0
        with tqdm(unit=" rows", disable=None, leave=False) as bar:
            for count in prune(timedelta(days=max(options["days"], 0))):
                gone += count
                bar.update(count)
        prune_tallies()
        self.stdout.write(f"pruned={gone}")
