"""The first look at 3 a.m."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from queue_table.depth import queue_depths


class Command(BaseCommand):
    help = "Prints for each queue what is due, scheduled, running, failed, and was done in the last five minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the numbers as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        depths = queue_depths()
        if options["json"]:
            self.stdout.write(json.dumps([depth.as_dict() for depth in depths], indent=2))
        else:
            self.stdout.write("\n".join(map(str, depths)) or "The queue is empty.")
