"""Which variant a shopper means: named by its sku, or picked option by option."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from shop.catalogue.models import Option, OptionValue
from shop.catalogue.sold import SoldVariant

Picks = dict[Option, OptionValue]
SKU = "option"


@dataclass(frozen=True)
class Chip:
    """One way to go on, as a link. `variant` is where it leads; None: no such combination is made."""

    words: str
    query: str
    picked: bool
    variant: SoldVariant | None

    @property
    def sold_out(self) -> bool:
        return self.variant is not None and self.variant.available <= 0


@dataclass(frozen=True)
class Row:
    """The chips of one option. `option` is None for variants that only have names."""

    option: Option | None
    chips: tuple[Chip, ...]


class Choice:
    """What was asked for in a page's address, of the variants of one product; words that mean nothing are ignored.

    The variants carry their `values` with options, and all answer the same options; otherwise they are chosen by name.
    """

    def __init__(self, variants: Sequence[SoldVariant], asked: Mapping[str, str]) -> None:
        self.variants = variants
        self._asked = asked
        self._picks: dict[int, Picks] = {
            sold.variant.pk: {value.option: value for value in sold.variant.values.all()} for sold in variants
        }

    @cached_property
    def chosen(self) -> SoldVariant | None:
        """The variant asked for; of several that fit, the first in stock. None where no variant is what was picked."""
        fits = [sold for sold in self.variants if sold.variant.sku == self._asked.get(SKU)]
        fits = fits or self._fitting(self._wanted)
        return next((variant for variant in fits if variant.available > 0), fits[0] if fits else None)

    @cached_property
    def picked(self) -> list[OptionValue]:
        """The value of each option that is settled, in the options' order."""
        picks = self._picks[self.chosen.variant.pk] if self.chosen else self._wanted
        return [picks[option] for option in self._options if option in picks]

    @property
    def picked_words(self) -> str:
        return ", ".join(value.local_name for value in self.picked)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Nothing where there is nothing to choose."""
        if len(self.variants) < 2:
            return ()
        if not self._options:
            return (Row(None, tuple(self._by_name(sold) for sold in self.variants)),)
        return tuple(
            Row(option, tuple(self._by_value(value) for value in self._offered(option))) for option in self._options
        )

    @cached_property
    def _options(self) -> list[Option]:
        answered = {frozenset(picks) for picks in self._picks.values()}
        told_apart = len({frozenset(picks.values()) for picks in self._picks.values()}) == len(self.variants)
        same = next(iter(answered)) if len(answered) == 1 and told_apart else frozenset[Option]()
        return sorted(same, key=lambda option: (option.position, option.pk))

    @cached_property
    def _wanted(self) -> Picks:
        return {
            option: value
            for option in self._options
            for value in self._offered(option)
            if value.slug == self._asked.get(option.slug)
        }

    def _offered(self, option: Option) -> list[OptionValue]:
        values = {picks[option] for picks in self._picks.values()}
        return sorted(values, key=lambda value: (value.position, value.pk))

    def _fitting(self, picks: Picks) -> list[SoldVariant]:
        return [sold for sold in self.variants if picks.items() <= self._picks[sold.variant.pk].items()]

    def _by_value(self, value: OptionValue) -> Chip:
        picks = {settled.option: settled for settled in self.picked} | {value.option: value}
        query = urlencode({option.slug: picks[option].slug for option in self._options if option in picks})
        return Chip(value.local_name, query, value in self.picked, next(iter(self._fitting(picks)), None))

    def _by_name(self, sold: SoldVariant) -> Chip:
        query = urlencode({SKU: sold.variant.sku})
        return Chip(sold.variant.local_title or sold.variant.sku, query, sold == self.chosen, sold)
