"""Makes the search's words anew, for a catalogue that was changed past the admin."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from shop.catalogue.search import entries


class Command(BaseCommand):
    help = "Makes every search entry and the vocabulary anew. The shop's search goes on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        count = entries.rebuild(
            track=lambda keys: tqdm(keys, desc="Search", unit=" products", disable=None, leave=False)
        )
        self.stdout.write(f"The search knows {count} products.")
