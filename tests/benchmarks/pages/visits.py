"""What is asked for: the requests of each measured page."""

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.pages.visitor import Address, Request, Visitor

LOOKED_AT = ("home", "category", "product", "search")
ADD = "add to cart"
CARTS, ADDERS = 8, 20


def visits(where: dict[str, Any], address: Address) -> dict[str, list[Request]]:
    """By page. Of those who add something to a cart, each third is new and gets a session."""
    looked_at = {kind: [Request(path) for path in where[kind]] for kind in LOOKED_AT}
    carts = [Request(path, cookies=_filled(address, where["items"])) for path in where["cart"] * CARTS]
    adding = [request for number in range(ADDERS) for request in _adding(address, where["items"][number * 3 :])]
    return looked_at | {"cart": carts, ADD: adding}


def _filled(address: Address, items: Sequence[dict[str, str]]) -> str:
    """The cookies of somebody with three lines in his cart."""
    visitor = Visitor(address)
    for item in items[:3]:
        visitor.add(item)
    return visitor.cookies


def _adding(address: Address, items: Sequence[dict[str, str]]) -> list[Request]:
    visitor = Visitor(address)
    token = visitor.get(items[0]["page"]).token
    new = visitor.adding(items[0], token)
    visitor.add(items[0])
    return [new, *(visitor.adding(item, token) for item in items[1:3])]
