"""Lets a paused queue run again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from queue_table.management.operator import operator, queue_name
from queue_table.pausing import resume


class Command(BaseCommand):
    help = "Resumes a paused queue: its rows are claimed again, at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", type=queue_name, help="the queue's name, as queue_status prints it")

    def handle(self, *args: Any, **options: Any) -> None:
        gone = resume(options["name"], operator())
        self.stdout.write(f"{options['name']} runs again." if gone else f"{options['name']} was not paused.")
