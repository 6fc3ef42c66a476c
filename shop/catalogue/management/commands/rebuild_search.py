"""Makes anew what lists and the search keep of the products, for a catalogue that was changed past the admin."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from shop.catalogue import renewal


class Command(BaseCommand):
    help = "Makes every search entry, the vocabulary and the cards' prices anew. The shop goes on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        count = renewal.rebuild(
            track=lambda keys: tqdm(keys, desc="Search", unit=" products", disable=None, leave=False)
        )
        self.stdout.write(f"The search knows {count} products.")
