"""Fills an empty shop with goods to look at."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from shop.catalogue import demo_catalogue


class Command(BaseCommand):
    help = "Loads the demo catalogue. Refuses in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are products already")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is a production shop: the demo catalogue stays out of it.")
        if options["if_empty"] and not demo_catalogue.is_empty():
            return
        count = demo_catalogue.load(
            track=lambda rows: tqdm(rows, desc="Demo catalogue", unit=" products", disable=None, leave=False)
        )
        self.stdout.write(f"The demo catalogue is on its shelves: {count} products.")
