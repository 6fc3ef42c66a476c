"""What is read of many things by their keys, once in an edition."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


class Remembered(Generic[Key, Row]):
    """Rows by key, called as `rows(edition, keys)`, for reading alone. `read` is asked for those only that nobody has
    named yet in this edition; of some `most` keys it is known what they name, or that they name nothing."""

    def __init__(self, most: int, read: Callable[[Sequence[Key]], Mapping[Key, Row]]) -> None:
        self._most, self._read = most, read
        self._known: tuple[int, dict[Key, Row | None]] = (0, {})

    def __call__(self, edition: int, keys: Sequence[Key]) -> dict[Key, Row]:
        known = self._of(edition)
        if missing := [key for key in keys if key not in known]:
            known.update(dict.fromkeys(missing) | dict(self._read(missing)))
        return {key: row for key in keys if (row := known[key]) is not None}

    def _of(self, edition: int) -> dict[Key, Row | None]:
        """What is too much, or of another edition, is let go as a whole: another thread keeps what it holds."""
        kept = self._known  # looked at once: between two looks another thread may have put another edition there
        if kept[0] != edition or len(kept[1]) > self._most:
            kept = self._known = (edition, {})
        return kept[1]
