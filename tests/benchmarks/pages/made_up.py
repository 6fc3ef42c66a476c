"""A made-up range of goods of any size, the same in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

DEPARTMENTS, SHELVES, SEARCHES = 5, 45, 20
PLENTY, SIZES = 1_000_000, ("S", "M", "L")
COLOURS = (
    "amber azure beige black blue bronze coral cream green grey ivory lilac mauve ochre olive pink plum red teal white"
).split()
STUFFS = (
    "bamboo brass canvas clay cork cotton enamel felt glass jute leather linen oak paper pine silk slate steel tin wool"
).split()
THINGS = (
    "apron basket bell bowl box brush candle clock cup dish frame jar jug kite lamp mat mug pot tray vase"
).split()


@dataclass(frozen=True)
class Item:
    number: int
    title: str
    description: str
    price: Decimal
    pieces: int = PLENTY

    @property
    def skus(self) -> list[str]:
        """One, or for each seventh item one of each size."""
        sku = f"MU-{self.number:06d}"
        return [sku] if self.number % 7 else [f"{sku}-{size}" for size in SIZES]

    @property
    def slug(self) -> str:
        return self.title.lower().replace(" ", "-")

    @property
    def shelf(self) -> int:
        return self.number % SHELVES


def items(count: int, *, scarce: int = 0) -> Iterator[Item]:
    """So many with plenty in stock; then `scarce` ones, of which there is a single piece each."""
    chance = random.Random(4)  # noqa: S311 (no secret)
    for number in range(count + scarce):
        title = f"{chance.choice(COLOURS)} {chance.choice(STUFFS)} {chance.choice(THINGS)} {number}".capitalize()
        words = " ".join(chance.choices(COLOURS + STUFFS + THINGS, k=90)).capitalize()
        price = Decimal(chance.randrange(300, 20_000)) / 100
        yield Item(number, title, f"{words}.", price, 1 if number >= count else PLENTY)


def searches() -> list[str]:
    """Two words each, as shoppers type them."""
    return [f"{colour} {thing}" for colour, thing in zip(COLOURS, THINGS, strict=True)][:SEARCHES]
