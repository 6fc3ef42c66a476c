"""Stops a queue without stopping its workers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from queue_table.management.operator import operator, queue_name
from queue_table.pausing import pause


class Command(BaseCommand):
    help = "Pauses a queue: its rows stay, nothing is claimed from it until resume_queue. Jobs in hand go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", type=queue_name, help="the queue's name, as queue_status prints it")

    def handle(self, *args: Any, **options: Any) -> None:
        new = pause(options["name"], operator())
        self.stdout.write(f"{options['name']} is paused." if new else f"{options['name']} was paused already.")
