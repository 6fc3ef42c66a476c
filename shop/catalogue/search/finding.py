"""What a search page tells: what was found, under which words, and what else could have been meant."""

from dataclasses import dataclass
from functools import lru_cache

from shop.catalogue.search.dialects import MOST_FOUND
from shop.catalogue.search.matching import matching
from shop.catalogue.search.spelling import corrected, near_words


@dataclass(frozen=True)
class Found:
    """`products` are keys, the best first. `instead` are the words that found them, where the ones asked did not."""

    products: tuple[int, ...]
    instead: str = ""
    near: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """There may be more: another word would narrow it."""
        return len(self.products) >= MOST_FOUND


@lru_cache(256)
def find(_edition: int, text: str) -> Found:
    """The products that match; failing that, those that match with its slips of the pen mended; failing that, words
    of the shop's that are near."""
    if products := matching(text):
        return Found(tuple(products))
    instead = corrected(text)
    if products := matching(instead):
        return Found(tuple(products), instead=instead)
    return Found((), near=tuple(near_words(text)))
