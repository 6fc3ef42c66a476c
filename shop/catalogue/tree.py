"""The categories as a tree, read whole in one query: there are dozens of them, not thousands."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

from django.db.models import Exists, OuterRef

from shop.catalogue.models import Category, Product


class Tree:
    """Siblings stand in their order. What is in no root's reach (a ring made past `Category.clean`) is left out."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_key = {category.pk: category for category in categories}
        self._below: dict[int | None, list[Category]] = defaultdict(list)
        for category in self._by_key.values():
            self._below[category.parent_id].append(category)

    @classmethod
    def read(cls) -> Self:
        return cls(Category.objects.order_by("position", "pk"))

    @staticmethod
    @lru_cache(4)
    def of_goods(_edition: int) -> "Tree":
        """Of this edition, without the shelves that hold nothing for sale, neither themselves nor under them. For
        reading alone: all pages share it."""
        on_it = Product.objects.published().filter(category=OuterRef("pk"))
        categories = list(Category.objects.order_by("position", "pk").annotate(sells=Exists(on_it)))
        return Tree(categories).only(category.pk for category in categories if category.sells)

    def only(self, keys: Iterable[int]) -> "Tree":
        """These categories and what they stand under."""
        kept = {step.pk for key in keys for step in self.path(key)}
        return Tree(category for key, category in self._by_key.items() if key in kept)

    @property
    def row(self) -> tuple[tuple[str, str], ...]:
        """The roots' slugs and titles in the active language: plain values, so that a page's part can be remembered."""
        return tuple((root.slug, root.local_title) for root in self._below[None])

    def named(self, slug: str) -> Category | None:
        return next((category for category in self._by_key.values() if category.slug == slug), None)

    @property
    def roots(self) -> list[Category]:
        return self.children(None)

    def children(self, key: int | None) -> list[Category]:
        return list(self._below.get(key, []))

    def path(self, key: int) -> list[Category]:
        """From the root down to the category itself, for breadcrumbs; empty for an unknown one."""
        steps: list[Category] = []
        here = self._by_key.get(key)
        while here is not None and here not in steps:
            steps.insert(0, here)
            here = self._by_key.get(here.parent_id or 0)
        return steps

    def descendants(self, key: int) -> list[int]:
        """The keys of the category itself and of all that stand under it, however deep."""
        found = [key]
        for above in found:  # grows while it is walked
            found += [child.pk for child in self._below.get(above, []) if child.pk not in found]
        return found

    def in_order(self) -> list[tuple[int, Category]]:
        """Every category with its depth (0 for a root), each followed by those under it: as an outline is read."""
        return [entry for root in self.roots for entry in self._outline(root, 0)]

    def _outline(self, category: Category, depth: int) -> list[tuple[int, Category]]:
        below = [entry for child in self.children(category.pk) for entry in self._outline(child, depth + 1)]
        return [(depth, category), *below]
