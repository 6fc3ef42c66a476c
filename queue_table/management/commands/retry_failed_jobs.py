"""After the cause is mended: failed jobs run again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from queue_table.management.choosing import add_choice, chosen, moment
from queue_table.management.operator import operator
from queue_table.redriving import failed_keys, redrive


class Command(BaseCommand):
    help = (
        "Makes failed jobs ready again, with their attempts given back and their errors kept, in short transactions. "
        "Options say which; several narrow the choice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_choice(parser)
        parser.add_argument("--failed-since", type=moment, metavar="WHEN", help="failed then or later: a time, or 2h")
        parser.add_argument("--failed-before", type=moment, metavar="WHEN", help="failed before: a time, or an age")
        parser.add_argument("--exception", default="", metavar="TEXT", help="the last error's name or text holds this")
        parser.add_argument("--all", action="store_true", help="every failed job there is")
        parser.add_argument("--dry-run", action="store_true", help="say how many there are, and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        known = chosen(options, "failed_since", "failed_before", "exception")
        if bool(known) == options["all"]:
            raise CommandError("Say which failed jobs, by one option at least, or --all: not both.")
        keys = failed_keys(**known)
        if options["dry_run"]:
            self.stdout.write(f"would_run_again={len(keys)}")
        else:
            self.stdout.write(f"run_again={_redrive(keys)}")


def _redrive(keys: list[int]) -> int:
    ready = 0
    with tqdm(total=len(keys), unit=" jobs", disable=None, leave=False) as bar:
        for count in redrive(keys, operator()):
            ready += count
            bar.update(count)
    return ready
